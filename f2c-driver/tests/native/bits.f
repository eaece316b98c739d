C flags: -O2
      SUBROUTINE BITS(K, L)
      INTEGER K(20), I, J, N
      INTEGER*8 L(9), M
      I = -1
      M = -1
      DO 10 J = -33, 33, 11
         N = J / 11 + 4
         K(N) = ISHFT(I, J)
         L(N) = ISHFT(M, 2*J)
   10 CONTINUE
      J = 32
      K(8) = ISHFT(I, J)
      K(9) = ISHFT(I, -J)
      K(10) = ISHFT(I, -28)
      K(11) = IBITS(I, 0, J)
      K(12) = IBITS(305419896, 4, 8)
      K(13) = ISHFTC(305419896, 8)
      K(14) = ISHFTC(305419896, -8)
      K(15) = ISHFTC(305419896, 3, 8)
      K(16) = ISHFTC(-305419896, -5, 20)
      K(17) = ISHFTC(I, J)
      L(8) = ISHFTC(1234567890123_8, 12)
      L(9) = IBITS(M, 7, 50)
      K(18) = IBITS(I, 31, 1) + IBITS(I, 5, 0)
      K(19) = ISHFTC(305419896, 0, 12)
      K(20) = ISHFTC(305419896, 32)
      END
