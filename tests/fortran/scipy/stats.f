! A multivariate normal probability.
      PROGRAM DRIVER
      DOUBLE PRECISION LOWER(3), UPPER(3), C(3), ERROR, VALUE
      INTEGER INFIN(3), INFORM
      LOWER = (/ -1D0, -2D0, -1.5D0 /)
      UPPER = (/ 1D0, 0.5D0, 2D0 /)
      C = (/ 0.3D0, -0.2D0, 0.5D0 /)
      INFIN = 2
      CALL MVNDST(3, LOWER, UPPER, INFIN, C, 100000, 1D-4, 1D-4, ERROR,
     &            VALUE, INFORM)
      WRITE(*,'(1X,ES24.15,I4)') VALUE, INFORM
      END
