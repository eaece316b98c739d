C flags: -fdefault-real-8 -fdefault-double-8
      DOUBLE PRECISION FUNCTION TWICE(X, Y)
      DOUBLE PRECISION X
      REAL Y
      COMPLEX Z
      Z = (1D0, 0.1)
      Y = Y / 3 + AIMAG(Z)
      TWICE = 2 * X + 0.1D0
      END
      SUBROUTINE PARTS(X, N)
      IMPLICIT DOUBLE PRECISION (A-H, O-Z)
      X = X + N / 3D0 + 1E-1
      END
