! Integrals with an end-point singularity, over an infinite range, and of an oscillating function.
      PROGRAM DRIVER
      EXTERNAL ROOT, BELL, WAVE
      DOUBLE PRECISION ROOT, BELL, WAVE, R, E, WORK(400)
      INTEGER IWORK(100), N, IER, LAST
      CALL DQAGS(ROOT, 0D0, 1D0, 1D-10, 1D-10, R, E, N, IER, 100, 400,
     &           LAST, IWORK, WORK)
      WRITE(*,'(1X,ES24.15,3I6)') R, N, IER, LAST
      CALL DQAGI(BELL, 0D0, 2, 1D-10, 1D-10, R, E, N, IER, 100, 400,
     &           LAST, IWORK, WORK)
      WRITE(*,'(1X,ES24.15,3I6)') R, N, IER, LAST
      CALL DQAGS(WAVE, 0D0, 10D0, 1D-10, 1D-10, R, E, N, IER, 100, 400,
     &           LAST, IWORK, WORK)
      WRITE(*,'(1X,ES24.15,3I6)') R, N, IER, LAST
      END
      DOUBLE PRECISION FUNCTION ROOT(X)
      DOUBLE PRECISION X
      ROOT = LOG(X) / SQRT(X)
      END
      DOUBLE PRECISION FUNCTION BELL(X)
      DOUBLE PRECISION X
      BELL = EXP(-X * X)
      END
      DOUBLE PRECISION FUNCTION WAVE(X)
      DOUBLE PRECISION X
      WAVE = SIN(10 * X) * COS(X)
      END
