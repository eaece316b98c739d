! The largest eigenvalues of the second difference by DSAUPD and DSEUPD, of a matrix with
! pairs of complex ones by DNAUPD and DNEUPD and, with complex numbers, by ZNAUPD and ZNEUPD.
      PROGRAM DRIVER
      INTEGER N, NEV, NCV, IDO, INFO, IPARAM(11), IPNTR(11), I
      PARAMETER (N = 100, NEV = 4, NCV = 20)
      DOUBLE PRECISION RESID(N), V(N, NCV), WORKD(3 * N), D(NEV)
      DOUBLE PRECISION WORKL(NCV * (NCV + 8))
      LOGICAL CHOOSE(NCV)
      DO I = 1, N
         RESID(I) = 1D0 / I
      END DO
      IPARAM = 0
      IPARAM(1) = 1
      IPARAM(3) = 300
      IPARAM(7) = 1
      IDO = 0
      INFO = 1
   10 CALL DSAUPD(IDO, 'I', N, 'LM', NEV, 1D-12, RESID, NCV, V, N,
     &            IPARAM, IPNTR, WORKD, WORKL, NCV * (NCV + 8), INFO)
      IF (IDO .EQ. 1 .OR. IDO .EQ. -1) THEN
         CALL TIMES(N, WORKD(IPNTR(1)), WORKD(IPNTR(2)))
         GO TO 10
      END IF
      WRITE(*,'(1X,2I5)') INFO, IPARAM(5)
      CALL DSEUPD(.TRUE., 'A', CHOOSE, D, V, N, 0D0, 'I', N, 'LM', NEV,
     &            1D-12, RESID, NCV, V, N, IPARAM, IPNTR, WORKD, WORKL,
     &            NCV * (NCV + 8), INFO)
      WRITE(*,'(1X,I4,4ES24.15)') INFO, D
      WRITE(*,'(1X,4ES24.15)') (ABS(V(50, I)), I = 1, NEV)
      CALL REALS
      CALL COMPLEXES
      END
      SUBROUTINE REALS
      INTEGER N, NEV, NCV, IDO, INFO, IPARAM(11), IPNTR(14), I
      PARAMETER (N = 100, NEV = 4, NCV = 20)
      DOUBLE PRECISION RESID(N), V(N, NCV), WORKD(3 * N)
      DOUBLE PRECISION DR(NEV + 1), DI(NEV + 1), WORKEV(3 * NCV)
      DOUBLE PRECISION WORKL(3 * NCV * (NCV + 2))
      LOGICAL CHOOSE(NCV)
      DO I = 1, N
         RESID(I) = 1D0 / I
      END DO
      IPARAM = 0
      IPARAM(1) = 1
      IPARAM(3) = 300
      IPARAM(7) = 1
      IDO = 0
      INFO = 1
   10 CALL DNAUPD(IDO, 'I', N, 'LM', NEV, 1D-12, RESID, NCV, V, N,
     &            IPARAM, IPNTR, WORKD, WORKL, 3 * NCV * (NCV + 2),
     &            INFO)
      IF (IDO .EQ. 1 .OR. IDO .EQ. -1) THEN
         CALL PAIRS(N, WORKD(IPNTR(1)), WORKD(IPNTR(2)))
         GO TO 10
      END IF
      CALL DNEUPD(.TRUE., 'A', CHOOSE, DR, DI, V, N, 0D0, 0D0, WORKEV,
     &            'I', N, 'LM', NEV, 1D-12, RESID, NCV, V, N, IPARAM,
     &            IPNTR, WORKD, WORKL, 3 * NCV * (NCV + 2), INFO)
      WRITE(*,'(1X,2I4,4ES24.15)') INFO, IPARAM(5), (DR(I), I = 1, NEV)
      WRITE(*,'(1X,4ES24.15)') (ABS(DI(I)), I = 1, NEV)
      END
      SUBROUTINE COMPLEXES
      INTEGER N, NEV, NCV, IDO, INFO, IPARAM(11), IPNTR(14), I
      PARAMETER (N = 100, NEV = 4, NCV = 20)
      DOUBLE PRECISION RWORK(NCV)
      COMPLEX*16 RESID(N), V(N, NCV), WORKD(3 * N), D(NEV + 1)
      COMPLEX*16 WORKEV(2 * NCV), WORKL(3 * NCV * NCV + 5 * NCV)
      LOGICAL CHOOSE(NCV)
      DO I = 1, N
         RESID(I) = (1D0, 0.5D0) / I
      END DO
      IPARAM = 0
      IPARAM(1) = 1
      IPARAM(3) = 300
      IPARAM(7) = 1
      IDO = 0
      INFO = 1
   10 CALL ZNAUPD(IDO, 'I', N, 'LM', NEV, 1D-12, RESID, NCV, V, N,
     &            IPARAM, IPNTR, WORKD, WORKL, 3 * NCV * NCV + 5 * NCV,
     &            RWORK, INFO)
      IF (IDO .EQ. 1 .OR. IDO .EQ. -1) THEN
         CALL TURN(N, WORKD(IPNTR(1)), WORKD(IPNTR(2)))
         GO TO 10
      END IF
      CALL ZNEUPD(.TRUE., 'A', CHOOSE, D, V, N, (0D0, 0D0), WORKEV, 'I',
     &            N, 'LM', NEV, 1D-12, RESID, NCV, V, N, IPARAM, IPNTR,
     &            WORKD, WORKL, 3 * NCV * NCV + 5 * NCV, RWORK, INFO)
      WRITE(*,'(1X,2I4,8ES24.15)') INFO, IPARAM(5), (D(I), I = 1, NEV)
      END
      SUBROUTINE PAIRS(N, X, Y)
      DOUBLE PRECISION X(N), Y(N)
      DO I = 1, N, 2
         Y(I) = I * X(I) + 3 * X(I + 1)
         Y(I + 1) = I * X(I + 1) - 3 * X(I)
         IF (I + 2 .LT. N) Y(I) = Y(I) + 0.5D0 * X(I + 2)
      END DO
      END
      SUBROUTINE TURN(N, X, Y)
      COMPLEX*16 X(N), Y(N)
      DO I = 1, N
         Y(I) = (2D0, 0.01D0) * I * X(I)
         IF (I .GT. 1) Y(I) = Y(I) - (0D0, 1D0) * X(I - 1)
         IF (I .LT. N) Y(I) = Y(I) + 0.5D0 * X(I + 1)
      END DO
      END
      SUBROUTINE TIMES(N, X, Y)
      DOUBLE PRECISION X(N), Y(N)
      DO I = 1, N
         Y(I) = 2 * X(I)
         IF (I .GT. 1) Y(I) = Y(I) - X(I - 1)
         IF (I .LT. N) Y(I) = Y(I) - X(I + 1)
      END DO
      END
