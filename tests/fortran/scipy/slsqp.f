! A quadratic with one linear equation by SLSQP.
      PROGRAM DRIVER
      INTEGER N, LA, LW, LJW, ITER, MODE, JW(100)
      PARAMETER (N = 2, LA = 1, LW = 2000, LJW = 100)
      DOUBLE PRECISION X(N), XL(N), XU(N), F, C(LA), G(N + 1)
      DOUBLE PRECISION A(LA, N + 1), W(LW), ACC
      DOUBLE PRECISION ALPHA, F0, GS, H1, H2, H3, H4, T, T0, TOL
      INTEGER IEXACT, INCONS, IRESET, ITERMX, LINE, N1, N2, N3, I
      X = (/ 3D0, -1D0 /)
      XL = -10
      XU = 10
      ACC = 1D-10
      ITER = 100
      MODE = 0
      ALPHA = 0
      F0 = 0
      GS = 0
      H1 = 0
      H2 = 0
      H3 = 0
      H4 = 0
      T = 0
      T0 = 0
      TOL = 0
      IEXACT = 0
      INCONS = 0
      IRESET = 0
      ITERMX = 0
      LINE = 0
      N1 = 0
      N2 = 0
      N3 = 0
      DO I = 1, 100
         IF (MODE .EQ. 0 .OR. MODE .EQ. 1) THEN
            F = (X(1) - 1) ** 4 + (X(2) - 2) ** 2
            C(1) = X(1) + X(2) - 2
         END IF
         IF (MODE .EQ. 0 .OR. MODE .EQ. -1) THEN
            G = (/ 4 * (X(1) - 1) ** 3, 2 * (X(2) - 2), 0D0 /)
            A(1, 1) = 1
            A(1, 2) = 1
            A(1, 3) = 0
         END IF
         CALL SLSQP(1, 1, LA, N, X, XL, XU, F, C, G, A, ACC, ITER, MODE,
     &              W, LW, JW, LJW, ALPHA, F0, GS, H1, H2, H3, H4, T,
     &              T0, TOL, IEXACT, INCONS, IRESET, ITERMX, LINE, N1,
     &              N2, N3)
         IF (ABS(MODE) .NE. 1) EXIT
      END DO
      WRITE(*,'(1X,2I5,2ES24.15)') MODE, ITER, X
      END
