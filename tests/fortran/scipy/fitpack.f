! A smoothing spline through a curve, its values and zeros; a spline surface.
      PROGRAM DRIVER
      INTEGER M, N, IER, I, J, K
      DOUBLE PRECISION X(50), Y(50), W(400), T(70), C(2000), FP, Z(400)
      DOUBLE PRECISION WORK(20000), WORK2(20000), E(5), V(5), XX(400)
      DOUBLE PRECISION YY(400), TX(30), TY(30), P(25)
      INTEGER IWORK(2000), NX, NY
      M = 50
      DO I = 1, M
         X(I) = 0.2D0 * (I - 1)
         Y(I) = SIN(X(I)) + 0.01D0 * MOD(I * 7, 5)
         W(I) = 1
      END DO
      CALL CURFIT(0, M, X, Y, W, X(1), X(M), 3, 0.01D0, 70, N, T, C, FP,
     &            WORK, 20000, IWORK, IER)
      WRITE(*,'(1X,2I6,ES24.15)') N, IER, FP
      E = (/ 0.3D0, 2.2D0, 4.1D0, 6.0D0, 9.5D0 /)
      CALL SPLEV(T, N, C, N, 3, E, V, 5, 0, IER)
      WRITE(*,'(1X,5ES24.15,I4)') V, IER
      CALL SPROOT(T, N, C, N, Z, 60, K, IER)
      WRITE(*,'(1X,I4,5ES24.15)') K, (Z(I), I = 1, K)
      K = 0
      DO I = 1, 15
         DO J = 1, 15
            K = K + 1
            XX(K) = 0.1D0 * I
            YY(K) = 0.1D0 * J
            Z(K) = EXP(-XX(K)) * COS(3 * YY(K))
            W(K) = 1
         END DO
      END DO
      CALL SURFIT(0, K, XX, YY, Z, W, 0.1D0, 1.5D0, 0.1D0, 1.5D0, 3, 3,
     &            0.02D0, 12, 12, 30, 1D-10, NX, TX, NY, TY, C, FP,
     &            WORK, 20000, WORK2, 20000, IWORK, 2000, IER)
      WRITE(*,'(1X,3I6,ES24.15)') NX, NY, IER, FP
      E = (/ 0.2D0, 0.5D0, 0.8D0, 1.1D0, 1.4D0 /)
      CALL BISPEV(TX, NX, TY, NY, C, 3, 3, E, 5, E, 5, P, WORK, 20000,
     &            IWORK, 2000, IER)
      WRITE(*,'(1X,5ES24.15)') P
      END
