! Rosenbrock's valley with bounds by L-BFGS-B.
      PROGRAM DRIVER
      INTEGER N, M, IWA(75), ISAVE(44), NBD(25), MAXLS, I
      CHARACTER*60 TASK, CSAVE
      LOGICAL LSAVE(4)
      DOUBLE PRECISION X(25), L(25), U(25), F, G(25), WA(5000)
      DOUBLE PRECISION DSAVE(29)
      N = 25
      M = 5
      DO I = 1, N
         NBD(I) = 2
         L(I) = -100
         IF (MOD(I, 2) .EQ. 1) L(I) = 1
         U(I) = 100
         X(I) = 3
      END DO
      MAXLS = 20
      TASK = 'START'
   10 CALL SETULB(N, M, X, L, U, NBD, F, G, 1D7, 1D-5, WA, IWA, TASK,
     &            -1, CSAVE, LSAVE, ISAVE, DSAVE, MAXLS)
      IF (TASK(1:2) .EQ. 'FG') THEN
         F = 0.25D0 * (X(1) - 1) ** 2
         DO I = 2, N
            F = F + (X(I) - X(I-1) ** 2) ** 2
         END DO
         F = 4 * F
         G = 0
         G(1) = 2 * (X(1) - 1)
         DO I = 2, N
            G(I) = G(I) + 8 * (X(I) - X(I-1) ** 2)
            G(I-1) = G(I-1) - 16 * X(I-1) * (X(I) - X(I-1) ** 2)
         END DO
         GO TO 10
      END IF
      IF (TASK(1:5) .EQ. 'NEW_X') GO TO 10
      WRITE(*,'(1X,A)') TASK
      WRITE(*,'(1X,2ES24.15)') F, X(1)
      END
