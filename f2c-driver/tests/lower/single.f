! REAL constants where double precision is wanted.
      SUBROUTINE S(X, Z)
      DOUBLE PRECISION X, D, E(3), P
      COMPLEX*16 Z, C
      REAL T, U
      PARAMETER (P = 0.1, U = 0.2)
      DATA D, T /0.1, 0.1/, E /2*0.3, -U/, C /(0.1, 0.5)/
      X = 2.D0 * 0.1 + X ** 0.3 + DBLE(0.7) + 0.5 + .1D0
      DO 10 D = 0.1, 0.5, 0.1
   10 X = X + D * 1.1E-5
      IF (X .GT. 3.3) Z = Z * (0.1, 0.25)
      WRITE(*, 20) 0.1
   20 FORMAT(1X, F8.3, 1P, 2E12.4)
      END
