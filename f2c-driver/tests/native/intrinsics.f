      SUBROUTINE PASS(R, D)
      REAL R(4)
      DOUBLE PRECISION D, TWICE
      COMPLEX C
      INTRINSIC SIN, ALOG10, AMOD, CABS, DSQRT
      R(1) = 1.5
      CALL ONE(SIN, R(1))
      R(2) = 50.0
      CALL ONE(ALOG10, R(2))
      R(3) = 7.5
      CALL TWO(AMOD, R(3), 2.0)
      C = (3.0, 4.0)
      CALL CONE(CABS, C, R(4))
      D = TWICE(DSQRT, 2D0)
      END
      SUBROUTINE ONE(F, X)
      X = F(X) + 1
      END
      SUBROUTINE TWO(F, X, Y)
      X = F(X, Y)
      END
      SUBROUTINE CONE(F, C, X)
      COMPLEX C
      X = F(C)
      END
      DOUBLE PRECISION FUNCTION TWICE(F, X)
      DOUBLE PRECISION F, X
      TWICE = 2 * F(X)
      END
