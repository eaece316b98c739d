! A system of equations by HYBRD1, a fit by LMDIF1.
      PROGRAM DRIVER
      EXTERNAL SYSTEM, FIT
      DOUBLE PRECISION X(9), F(15), WORK(1000)
      INTEGER IWORK(9), INFO
      X = -1
      CALL HYBRD1(SYSTEM, 9, X, F, 1D-10, INFO, WORK, 1000)
      WRITE(*,'(1X,I4,9ES24.15)') INFO, X
      X(1:3) = (/ 1D0, 1D0, 1D0 /)
      CALL LMDIF1(FIT, 15, 3, X, F, 1D-10, INFO, IWORK, WORK, 1000)
      WRITE(*,'(1X,I4,3ES24.15)') INFO, X(1:3)
      END
      SUBROUTINE SYSTEM(N, X, F, IFLAG)
      DOUBLE PRECISION X(N), F(N)
      DO K = 1, N
         F(K) = (3 - 2 * X(K)) * X(K) + 1
         IF (K .GT. 1) F(K) = F(K) - X(K-1)
         IF (K .LT. N) F(K) = F(K) - 2 * X(K+1)
      END DO
      END
      SUBROUTINE FIT(M, N, X, F, IFLAG)
      DOUBLE PRECISION X(N), F(M), Y(15), U, V
      DATA Y /0.14D0, 0.18D0, 0.22D0, 0.25D0, 0.29D0, 0.32D0, 0.35D0,
     &   0.39D0, 0.37D0, 0.58D0, 0.73D0, 0.96D0, 1.34D0, 2.1D0, 4.39D0/
      DO I = 1, M
         U = I
         V = 16 - I
         F(I) = Y(I) - (X(1) + U / (V * X(2) + MIN(U, V) * X(3)))
      END DO
      END
