C flags: -O2
      SUBROUTINE SINGLE(X, S, OUT, C)
      DOUBLE PRECISION X, OUT(38), D, E, F(3), PI, G
      REAL S, T, EPS
      INTEGER I
      COMMON /HELD/ HELD
      DOUBLE PRECISION HELD
      COMPLEX*16 W
      COMPLEX*16 C, Z, ZZ
      PARAMETER (PI = 3.14159265358979, EPS = 1.E-3)
      PARAMETER (W = (0.7, 0.9))
      DATA D /0.1/, F /2*0.3, -0.7/
      DATA Z /(0.1, 0.2)/
      DATA T /0.1/, G /EPS/, I /0/
      OUT(1) = D
      OUT(2) = F(1)
      OUT(3) = F(3)
      OUT(4) = DBLE(Z)
      OUT(5) = DIMAG(Z)
      E = 0.1
      OUT(6) = E
      OUT(7) = X * 0.1
      OUT(8) = 2.0 * 0.1
      OUT(9) = 2.0D0 * 0.1
      OUT(10) = X + 1.0 / 3.0
      OUT(11) = X / 3.3
      OUT(12) = X ** 0.1
      OUT(13) = S * 0.1
      OUT(14) = X * S * 0.1
      OUT(15) = SQRT(0.1)
      OUT(16) = DSQRT(X * 0.1)
      OUT(17) = MAX(X, 0.1D0)
      OUT(18) = DBLE(0.1)
      OUT(19) = -0.1
      OUT(20) = PI
      ZZ = C * (0.1, 0.2)
      OUT(21) = DBLE(ZZ)
      OUT(22) = DIMAG(ZZ)
      ZZ = C * 0.1
      OUT(23) = DBLE(ZZ)
      IF (X .GT. 0.1) OUT(24) = 1
      IF (X .EQ. 0.1D0) OUT(24) = OUT(24) + 2
      OUT(25) = (0.1 + 0.2) * X
      OUT(26) = 16777217.0
      OUT(27) = 0.1E0
      OUT(28) = DMAX1(X, DBLE(0.3))
      OUT(29) = X * (1.0 / 3.0 + 0.1)
      OUT(30) = G + T
      OUT(31) = X ** EPS
      OUT(32) = 1.D0 + EPS
      OUT(33) = DBLE(W)
      OUT(34) = DIMAG(W)
      DO 10 E = 0.1, 0.45, 0.1
   10 OUT(35) = OUT(35) + E
      OUT(36) = HELD
      OUT(37) = DCMPLX(0.1, 0.2)
      OUT(38) = 1.E-30
      END
      BLOCK DATA
      COMMON /HELD/ HELD
      DOUBLE PRECISION HELD
      DATA HELD /1.1/
      END
