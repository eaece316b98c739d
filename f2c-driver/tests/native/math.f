      SUBROUTINE MATH(X, D, R, E, K)
      REAL X(4), R(12)
      DOUBLE PRECISION D(4), E(12)
      INTEGER K(12)
      COMPLEX*16 Z
      COMPLEX C
      R(1) = X(1) * SQRT(X(2)) + X(3) / SQRT(X(1))
      R(2) = SIGN(X(1), -0.0) + MOD(X(2), X(1))
      R(3) = LOG10(1000.0) + 10.0 ** (-K(1))
      R(4) = ABS(-X(4)) ** 3 * EXP(0.0) - AINT(X(2)) * ANINT(X(3))
      R(5) = ATAN2(X(1), X(2)) * X(3) + AIMAG(CMPLX(X(1), X(2)))
      R(6) = ABS(CMPLX(X(1), X(2))) * X(3)
      R(7) = MODULO(-X(1), X(2)) + SCALE(X(1), 3) + SPACING(X(2))
      R(8) = DIM(X(2), X(1)) * X(3) + SUM(X) + MAXVAL(X)
      E(1) = D(1) * SQRT(D(2)) + D(3) / SQRT(D(1))
      E(2) = SIGN(D(1), -0.0D0) + MOD(D(2), D(1))
      E(3) = LOG10(1000.0D0) + 10.0D0 ** (-K(1))
      E(4) = FRACTION(D(1)) + EPSILON(D(1)) + TINY(D(1)) + HUGE(X(1))
      E(5) = DOT_PRODUCT(D, D) * 3.0_8 + REAL(CMPLX(D(1), D(2), 8))
      E(6) = ANINT(0.49999999999999994D0) + DBLE(X(1)) * X(2)
      K(2) = NINT(0.49999997) + NINT(-2.5D0) * 10 + INT(LOG10(1D3)) * 100
      K(3) = CEILING(X(1)) + FLOOR(-D(1)) * 10 + EXPONENT(D(3)) * 100
      K(4) = MAXLOC(X, 1) + MINLOC(D(2:4), 1) * 10 + MODULO(-7, 3) * 100
      K(5) = LEN_TRIM('abc  ') + ISHFT(1, 4) + IAND(12, 10)
     &   + INT(2_8**33 / 2_8**30)
      K(6) = COUNT(X > 1) + SIZE(D) * 10
      IF (ANY(X .LT. 0) .OR. .NOT. ALL(D .GT. 0D0)) K(6) = -1
      Z = CMPLX(D(1), D(2), 8) / CMPLX(-D(3), D(4), 8)
      E(7) = DBLE(Z) + ABS(Z) * DPROD(X(1), X(2))
      E(8) = DIMAG(DCONJG(Z) / (3D-300, 1D-301)) + D(2) ** K(1)
      E(9) = DBLE(Z / CMPLX(0, 0, 8)) + DIM(D(1), D(2)) + DINT(-D(2))
      E(10) = D(1) ** D(2) + MOD(-D(3), D(1)) + SIGN(D(1), -D(2))
      C = CMPLX(X(1), X(2)) / CMPLX(X(3), -X(4))
      R(9) = REAL(C) + AIMAG(CONJG(C)) + CABS(C)
      R(10) = AIMAG(C / (1E-30, 1E-31)) + X(2) ** (-K(1)) + X(1) ** X(2)
      R(11) = REAL(C / (0.0, 0.0))
      K(7) = ISIGN(-5, 3) + IDIM(7, 3) * 10 + IDNINT(D(2)) * 100
     &   + NINT(-X(2)) * 1000
      END
