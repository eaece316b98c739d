! Singular values of a complex bidiagonal matrix by CLANSVD.
      PROGRAM DRIVER
      EXTERNAL APROD
      INTEGER M, N, K, KMAX
      PARAMETER (M = 60, N = 40, K = 3, KMAX = 30)
      COMPLEX U(M, KMAX + 1), V(N, KMAX), CWORK(20000), D(1)
      REAL S(K), B(K), WORK(20000), DOPT(3)
      INTEGER IWORK(2000), IOPT(2), INFO, P(1), KFOUND, I
      DO I = 1, M
         U(I, 1) = (1.0, 0.5) / I
      END DO
      DOPT = (/ 1E-4, 1E-6, -1.0 /)
      IOPT = (/ 1, 1 /)
      KFOUND = K
      CALL CLANSVD('Y', 'Y', M, N, KFOUND, KMAX, APROD, U, M, S, B, V,
     &             N, 1E-4, WORK, 20000, CWORK, 20000, IWORK, 2000,
     &             DOPT, IOPT, INFO, D, P)
      WRITE(*,'(1X,2I4,3ES14.6)') INFO, KFOUND, S
      END
      SUBROUTINE APROD(TRANS, M, N, X, Y, D, P)
      CHARACTER*1 TRANS
      COMPLEX X(*), Y(*), D(*)
      INTEGER M, N, P(*)
      IF (TRANS .EQ. 'n' .OR. TRANS .EQ. 'N') THEN
         DO I = 1, M
            Y(I) = 0
            IF (I .LE. N) Y(I) = (1.0, 0.5) * I * X(I)
            IF (I .GT. 1 .AND. I .LE. N + 1) Y(I) = Y(I) + X(I - 1)
         END DO
      ELSE
         DO I = 1, N
            Y(I) = (1.0, -0.5) * I * X(I) + X(I + 1)
         END DO
      END IF
      END
