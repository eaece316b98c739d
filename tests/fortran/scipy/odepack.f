! Robertson's stiff reaction by LSODA.
      PROGRAM DRIVER
      EXTERNAL RATE, JACOBI
      DOUBLE PRECISION Y(3), T, TOUT, RTOL, ATOL, RWORK(200)
      INTEGER IWORK(60), ISTATE, I
      RTOL = 1D-8
      ATOL = 1D-12
      Y = (/ 1D0, 0D0, 0D0 /)
      T = 0
      TOUT = 0.4D0
      ISTATE = 1
      DO I = 1, 4
         CALL LSODA(RATE, 3, Y, T, TOUT, 1, RTOL, ATOL, 1, ISTATE, 0,
     &              RWORK, 200, IWORK, 60, JACOBI, 2)
         WRITE(*,'(1X,3ES24.15,I4)') Y, ISTATE
         TOUT = TOUT * 10
      END DO
      END
      SUBROUTINE RATE(N, T, Y, D)
      INTEGER N
      DOUBLE PRECISION T, Y(3), D(3)
      D(1) = -0.04D0 * Y(1) + 1D4 * Y(2) * Y(3)
      D(3) = 3D7 * Y(2) * Y(2)
      D(2) = -D(1) - D(3)
      END
      SUBROUTINE JACOBI()
      END
