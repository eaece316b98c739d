! Robertson's stiff reaction by DVODE, a turning oscillation by ZVODE.
      PROGRAM DRIVER
      EXTERNAL RATE, JACOBI
      DOUBLE PRECISION Y(3), T, TOUT, RTOL, ATOL, RWORK(200), R(1)
      INTEGER IWORK(60), ISTATE, I, P(1)
      RTOL = 1D-8
      ATOL = 1D-12
      Y = (/ 1D0, 0D0, 0D0 /)
      T = 0
      TOUT = 0.4D0
      ISTATE = 1
      DO I = 1, 4
         CALL DVODE(RATE, 3, Y, T, TOUT, 1, RTOL, ATOL, 1, ISTATE, 0,
     &              RWORK, 200, IWORK, 60, JACOBI, 22, R, P)
         WRITE(*,'(1X,3ES24.15,I4)') Y, ISTATE
         TOUT = TOUT * 10
      END DO
      CALL TURNS
      END
      SUBROUTINE TURNS
      EXTERNAL TURN, JACOBI
      COMPLEX*16 Y(2), ZWORK(100)
      DOUBLE PRECISION T, RTOL, ATOL, RWORK(100), R(1)
      INTEGER IWORK(60), ISTATE, P(1)
      RTOL = 1D-9
      ATOL = 1D-9
      Y = (/ (1D0, 0D0), (0D0, 0.5D0) /)
      T = 0
      ISTATE = 1
      CALL ZVODE(TURN, 2, Y, T, 3D0, 1, RTOL, ATOL, 1, ISTATE, 0, ZWORK,
     &           100, RWORK, 100, IWORK, 60, JACOBI, 22, R, P)
      WRITE(*,'(1X,4ES24.15,I4)') Y, ISTATE
      END
      SUBROUTINE TURN(N, T, Y, D, RPAR, IPAR)
      INTEGER N
      DOUBLE PRECISION T
      COMPLEX*16 Y(2), D(2)
      D(1) = (0D0, 2D0) * Y(1)
      D(2) = (-0.5D0, 1D0) * Y(2) + 0.1D0 * Y(1) * Y(2)
      END
      SUBROUTINE RATE(N, T, Y, D, RPAR, IPAR)
      INTEGER N
      DOUBLE PRECISION T, Y(3), D(3), RPAR(*)
      D(1) = -0.04D0 * Y(1) + 1D4 * Y(2) * Y(3)
      D(3) = 3D7 * Y(2) * Y(2)
      D(2) = -D(1) - D(3)
      END
      SUBROUTINE JACOBI()
      END
