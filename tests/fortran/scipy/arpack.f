! The largest eigenvalues of the second difference by DSAUPD and DSEUPD.
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
      WRITE(*,'(1X,I4,4F18.12)') INFO, D
      WRITE(*,'(1X,4F18.12)') (ABS(V(50, I)), I = 1, NEV)
      END
      SUBROUTINE TIMES(N, X, Y)
      DOUBLE PRECISION X(N), Y(N)
      DO I = 1, N
         Y(I) = 2 * X(I)
         IF (I .GT. 1) Y(I) = Y(I) - X(I - 1)
         IF (I .LT. N) Y(I) = Y(I) - X(I + 1)
      END DO
      END
