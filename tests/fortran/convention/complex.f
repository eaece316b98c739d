C flags: -O2 -g
      COMPLEX FUNCTION CTURN(Z)
      COMPLEX Z
      CTURN = Z*(0., 1.)
      END

      COMPLEX*16 FUNCTION ZMEAN(N, Z)
      INTEGER N, I
      COMPLEX*16 Z(N)
      ZMEAN = 0
      DO 10 I = 1, N
   10 ZMEAN = ZMEAN + Z(I)/N
      END

      DOUBLE COMPLEX FUNCTION ZCALL(F, Z)
      DOUBLE COMPLEX F, Z
      EXTERNAL F
      ZCALL = F(Z) + 1
      END
