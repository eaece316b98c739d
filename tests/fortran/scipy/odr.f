! An orthogonal distance regression of a hyperbola.
      PROGRAM DRIVER
      EXTERNAL MODEL
      DOUBLE PRECISION BETA(2), Y(8,1), X(8,1), W(1,1,1), WORK(5000)
      INTEGER IWORK(200), INFO, I, JOB, IPRINT, LUNIT
      DO I = 1, 8
         X(I,1) = I
         Y(I,1) = 5D0 / (I + 1D0) + 0.01D0 * MOD(3 * I, 4)
      END DO
      BETA = (/ 1D0, 2D0 /)
      W = -1
! DODR writes to all of its arguments.
      JOB = 0
      IPRINT = 0
      LUNIT = -1
      CALL DODR(MODEL, 8, 1, 2, 1, BETA, Y, 8, X, 8, W, 1, 1, W, 1, 1,
     &          JOB, IPRINT, LUNIT, LUNIT, WORK, 5000, IWORK, 200, INFO)
      WRITE(*,'(1X,2ES24.15,I6)') BETA, INFO
      END
      SUBROUTINE MODEL(N, M, NP, NQ, LDN, LDM, LDNP, BETA, X, FIXB,
     &                 FIXX, LDFIX, JOB, F, FB, FX, ISTOP)
      INTEGER N, M, NP, NQ, LDN, LDM, LDNP, FIXB(NP), LDFIX, JOB, ISTOP
      INTEGER FIXX(LDFIX, M)
      DOUBLE PRECISION BETA(NP), X(LDN, M), F(LDN, NQ)
      DOUBLE PRECISION FB(LDN, LDNP, NQ), FX(LDN, LDM, NQ)
      ISTOP = 0
      DO I = 1, N
         F(I,1) = BETA(1) / (X(I,1) + BETA(2))
      END DO
      END
