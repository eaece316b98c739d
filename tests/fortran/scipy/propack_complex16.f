! Singular values of a complex bidiagonal matrix by ZLANSVD.
      PROGRAM DRIVER
      EXTERNAL APROD
      INTEGER M, N, K, KMAX
      PARAMETER (M = 60, N = 40, K = 3, KMAX = 30)
      COMPLEX*16 U(M, KMAX + 1), V(N, KMAX), ZWORK(20000), D(1)
      DOUBLE PRECISION S(K), B(K), WORK(20000), DOPT(3)
      INTEGER IWORK(2000), IOPT(2), INFO, P(1), KFOUND, I
      DO I = 1, M
         U(I, 1) = (1D0, 0.5D0) / I
      END DO
      DOPT = (/ 1D-8, 1D-12, -1D0 /)
      IOPT = (/ 1, 1 /)
      KFOUND = K
      CALL ZLANSVD('Y', 'Y', M, N, KFOUND, KMAX, APROD, U, M, S, B, V,
     &             N, 1D-10, WORK, 20000, ZWORK, 20000, IWORK, 2000,
     &             DOPT, IOPT, INFO, D, P)
      WRITE(*,'(1X,2I4,3ES24.15)') INFO, KFOUND, S
      END
      SUBROUTINE APROD(TRANS, M, N, X, Y, D, P)
      CHARACTER*1 TRANS
      COMPLEX*16 X(*), Y(*), D(*)
      INTEGER M, N, P(*)
      IF (TRANS .EQ. 'n' .OR. TRANS .EQ. 'N') THEN
         DO I = 1, M
            Y(I) = 0
            IF (I .LE. N) Y(I) = (1D0, 0.5D0) * I * X(I)
            IF (I .GT. 1 .AND. I .LE. N + 1) Y(I) = Y(I) + X(I - 1)
         END DO
      ELSE
         DO I = 1, N
            Y(I) = (1D0, -0.5D0) * I * X(I) + X(I + 1)
         END DO
      END IF
      END
