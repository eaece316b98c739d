! The Van der Pol oscillator by DOPRI5 and DOP853.
      PROGRAM DRIVER
      EXTERNAL RATE, SHOW
      DOUBLE PRECISION Y(2), X, TOL(1), WORK(200), P(1)
      INTEGER IWORK(60), IDID
      COMMON /STEPS/ NSTEPS
      TOL(1) = 1D-9
      WORK = 0
      IWORK = 0
      NSTEPS = 0
      Y = (/ 2D0, 0D0 /)
      X = 0
      CALL DOPRI5(2, RATE, X, Y, 10D0, TOL, TOL, 0, SHOW, 1, WORK, 200,
     &            IWORK, 60, P, IDUMMY, IDID)
      WRITE(*,'(1X,2ES24.15,2I6)') Y, IDID, NSTEPS
      WORK = 0
      IWORK = 0
      NSTEPS = 0
      Y = (/ 2D0, 0D0 /)
      X = 0
      CALL DOP853(2, RATE, X, Y, 10D0, TOL, TOL, 0, SHOW, 1, WORK, 200,
     &            IWORK, 60, P, IDUMMY, IDID)
      WRITE(*,'(1X,2ES24.15,2I6)') Y, IDID, NSTEPS
      END
      SUBROUTINE RATE(N, X, Y, D, RPAR, IPAR)
      DOUBLE PRECISION X, Y(2), D(2), RPAR(*)
      D(1) = Y(2)
      D(2) = (1 - Y(1) ** 2) * Y(2) - Y(1)
      END
      SUBROUTINE SHOW(NR, XOLD, X, Y, N, CON, ICOMP, ND, RPAR, IPAR,
     &                IRTN)
      DOUBLE PRECISION XOLD, X, Y(2), CON(*), RPAR(*)
      COMMON /STEPS/ NSTEPS
      NSTEPS = NR
      END
