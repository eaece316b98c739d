! A quadratic on the unit disc by COBYLA.
      PROGRAM DRIVER
      EXTERNAL GOAL, SEEN
      DOUBLE PRECISION X(2), W(500), INFO(4), RHO
      INTEGER IACT(10), MAXFUN
      X = 1
      RHO = 1D-6
      MAXFUN = 500
      CALL COBYLA(GOAL, 2, 1, X, 0.5D0, RHO, 0, MAXFUN, W, IACT, INFO,
     &            SEEN)
      WRITE(*,'(1X,2ES24.15,F6.1)') X, INFO(1)
      END
      SUBROUTINE GOAL(N, M, X, F, CON)
      DOUBLE PRECISION X(2), F, CON(1)
      F = X(1) * X(2) + 0.1D0 * X(1)
      CON(1) = 1 - X(1) ** 2 - X(2) ** 2
      END
      SUBROUTINE SEEN(N, M, X)
      DOUBLE PRECISION X(N)
      END
