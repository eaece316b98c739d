! What f2c folds, and values of short kinds.
program p
  call folded
  call mixed
  call parts
end program
subroutine folded
      REAL X
      DOUBLE PRECISION D
      INTEGER I
      PARAMETER (Z = 0, N0 = 0)
      X = 3
      I = 3
      D = 3
      PRINT *, (0*X + I)/2, (N0*D+I)/2, (I + 0*X)/2, Z*I, N0*X
      PRINT *, 1*I/2, I*1/2, (I+0)/2, 2*(I/2)*1.0
      Y = (0*X + I)/2
      PRINT *, Y, 7/2*X, X*(7/2), 7/(2*X), -7/2, (-7)/2, -(7/2)
      PRINT *, MOD(7,2)*X, 2**3*X, 2**(-1)*X, (2**I)/16*X
      PRINT *, 1.0*I/2, I/2*1.0, I/2.0, 5*I/10*X
      IF (0*X .EQ. 0) PRINT *, 'zero'
      END subroutine
subroutine mixed
      INTEGER*1 B
      INTEGER*2 H
      INTEGER*8 K
      REAL X
      LOGICAL*1 L1
      LOGICAL*2 L2
      B = 100
      H = 200
      K = 3000000000_8
      X = 1.5
      I = 7
      L1 = B .LT. H
      L2 = K .GT. I
      PRINT *, B+H, B*H, H*K, K+X, B*X, I*K, B/3, H/7, -B, K/7
      PRINT *, L1 .AND. L2, L1 .EQV. L2, .NOT. L2
      PRINT *, B .EQ. 100, H .GE. K, K .GT. 2999999999_8
      I = K/1000
      H = K/1000000
      B = H/100
      X = K
      PRINT *, I, H, B, X
      B = -128
      PRINT *, B, -B, ABS(H), MOD(K,1000_8), K**2/K
      DO K = 3000000000_8, 3000000001_8
        PRINT *, K
      END DO
      CALL S(B, H, K, L1, L2)
      PRINT *, B, H, K, L1, L2
      WRITE (*,'(I4,I6,I12,L2,L2)') B, H, K, L1, L2
      PRINT *, MERGE(B, 5_1, L1), IAND(H, 7_2), ISHFT(B, 1), IBSET(H, 3)
      PRINT *, INT(B), INT(K, 4), INT2(300), INT8(5), REAL(H), DBLE(K)
      PRINT *, MAX(B, 3_1), MIN(H, 7_2), MAX(K, 7_8), SIGN(H, -1_2)
      END subroutine
      SUBROUTINE S(B, H, K, L1, L2)
      INTEGER*1 B
      INTEGER*2 H
      INTEGER*8 K
      LOGICAL*1 L1
      LOGICAL*2 L2
      B = B + 1
      H = H - 1
      K = K*2
      L1 = .NOT. L1
      L2 = L1 .OR. L2
      END
subroutine parts
      CHARACTER*8 A, B(2)
      CHARACTER C(3)*4, D*5
      INTEGER I
      DATA A(3:4) /'xy'/
      DATA B(1)(1:2) /'ab'/, B(2)(7:8) /'yz'/
      DATA (C(I)(2:3), I=1,3) /'pq','rs','tu'/
      DATA D(1:1), D(2:2), D(5:5) /'1','2','5'/
      PRINT *, ICHAR(A(1:1)), A(3:4), ICHAR(A(5:5)), ICHAR(A(8:8))
      PRINT *, B(1)(1:2), ICHAR(B(1)(3:3)), B(2)(7:8), ICHAR(B(2)(1:1))
      PRINT *, C(1)(2:3), C(2)(2:3), C(3)(2:3), ICHAR(C(1)(1:1))
      PRINT *, D(1:2), ICHAR(D(3:3)), D(5:5)
      END subroutine
