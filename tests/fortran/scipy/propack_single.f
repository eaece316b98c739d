! Singular values of a bidiagonal matrix by SLANSVD and, restarted, by SLANSVD_IRL.
      PROGRAM DRIVER
      EXTERNAL APROD
      INTEGER M, N, K, KMAX
      PARAMETER (M = 60, N = 40, K = 3, KMAX = 30)
      REAL U(M, KMAX + 1), V(N, KMAX), S(K), B(K)
      REAL WORK(20000), DOPT(4), D(1)
      INTEGER IWORK(2000), IOPT(2), INFO, P(1), KFOUND, I, WIDTH, SHIFTS
      DO I = 1, M
         U(I, 1) = 1.0 / I
      END DO
      DOPT = (/ 1E-4, 1E-6, -1.0, 2E-3 /)
      IOPT = (/ 1, 1 /)
      KFOUND = K
      CALL SLANSVD('Y', 'Y', M, N, KFOUND, KMAX, APROD, U, M, S, B, V,
     &             N, 1E-4, WORK, 20000, IWORK, 2000, DOPT, IOPT, INFO,
     &             D, P)
      WRITE(*,'(1X,2I4,3ES14.6)') INFO, KFOUND, S
      DO I = 1, M
         U(I, 1) = 1.0 / I
      END DO
! Both are written to.
      WIDTH = 15
      SHIFTS = 10
      KFOUND = K
      CALL SLANSVD_IRL('L', 'Y', 'Y', M, N, WIDTH, SHIFTS,
     &                 KFOUND, 100, APROD, U, M, S, B, V, N, 1E-4,
     &                 WORK, 20000, IWORK, 2000, DOPT, IOPT, INFO,
     &                 D, P)
      WRITE(*,'(1X,2I4,3ES14.6)') INFO, KFOUND, S
      END
      SUBROUTINE APROD(TRANS, M, N, X, Y, D, P)
      CHARACTER*1 TRANS
      REAL X(*), Y(*), D(*)
      INTEGER M, N, P(*)
      IF (TRANS .EQ. 'n' .OR. TRANS .EQ. 'N') THEN
         DO I = 1, M
            Y(I) = 0
            IF (I .LE. N) Y(I) = I * X(I)
            IF (I .GT. 1 .AND. I .LE. N + 1) Y(I) = Y(I) + X(I - 1)
         END DO
      ELSE
         DO I = 1, N
            Y(I) = I * X(I) + X(I + 1)
         END DO
      END IF
      END
