C flags: -fdefault-real-8
      SUBROUTINE REALS(OUT, C)
      REAL OUT(24), P, Q, X
      COMPLEX C
      PARAMETER (P = 0.1 * 3, Q = 0.1)
      INTRINSIC ALOG
      X = 0.1
      OUT(1) = P
      OUT(2) = Q
      OUT(3) = EPSILON(X)
      OUT(4) = HUGE(1.0)
      OUT(5) = KIND(1.0)
      OUT(6) = DIGITS(X)
      OUT(7) = X * 3
      OUT(8) = REAL(1, KIND(1.0)) / 3
      OUT(9) = TINY(X)
      OUT(10) = PRECISION(X)
      OUT(11) = SPACING(X)
      OUT(12) = REAL(2) / 3
      OUT(13) = FLOOR(1E10 / 7E9) + CEILING(X)
      OUT(14) = AIMAG(C) + REAL(C)
      OUT(15) = AMAX1(X, 0.3)
      OUT(16) = MODULO(-X, 0.3)
      OUT(17) = MIN(0.7, X) + DIM(0.5, X)
      OUT(18) = FRACTION(X) + EXPONENT(X)
      OUT(19) = ABS(C)
      OUT(20) = SQRT(2.0)
      C = CMPLX(X, 0.7) * (0.1, 0.2)
      OUT(21) = REAL(CONJG(C))
      OUT(22) = AIMAG(SQRT(C))
      OUT(23) = INT(1E9) + NINT(2.5)
      OUT(24) = RANGE(X)
      END
