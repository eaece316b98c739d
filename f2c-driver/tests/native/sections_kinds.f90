! Sections and reductions of every kind.
program p
  call kinds
  call strings
end program
subroutine kinds
      INTEGER*8 V(3), W(3)
      INTEGER*2 H(2,2)
      INTEGER*1 B(4)
      LOGICAL*1 L(3)
      LOGICAL*2 M(3)
      COMPLEX*16 Z(2), Y(2)
      CHARACTER*3 C(3), D(3)
      REAL R(3)
      DATA C /'abc','def','ghi'/
      V = (/ 1_8, 5000000000_8, -7_8 /)
      W = V/2 + 1
      H = 5
      H(1,:) = (/ 1_2, 2_2 /)
      B = 3
      B(2:3) = B(1:2)*2_1
      L = V .GT. W
      M = .NOT. L
      Z = (1D0, 2D0)
      Y = Z*2 + CONJG(Z)
      D = C
      D(2:3) = C(1:2)
      C(1)(2:2) = 'Z'
      R = V
      PRINT *, V, W, H, B, L, M, Z, Y, D, C, R
      PRINT *, SUM(V), SUM(H), PRODUCT(B), MAXVAL(H), MINVAL(V), ALL(L)
      PRINT *, COUNT(M), ANY(M), SUM(Z), PRODUCT(Z)
      PRINT *, SUM(V, MASK=L), SUM(H, DIM=1), COUNT(H > 1, DIM=2)
      PRINT *, DOT_PRODUCT(V, W), DOT_PRODUCT(Z, Y), MATMUL(H, H)
      PRINT *, MAXVAL(R, R .LT. 100), V(3:1:-1), C(:)(1:2), SIZE(H, 1)
      PRINT *, SIZE(V), LBOUND(H,1), UBOUND(H,2), TRANSPOSE(H)
      WHERE (V .GT. 0) W = V
      PRINT *, W, CSHIFT(V, 1), PACK(V, L)
      CALL S(V(1:3:2), 2, C(1:3:2), Z(2:1:-1), L(1:3:2))
      PRINT *, V, C, Z, L
      END subroutine
      SUBROUTINE S(K, N, C, Z, L)
      INTEGER*8 K(N)
      CHARACTER*(*) C(N)
      COMPLEX*16 Z(N)
      LOGICAL*1 L(N)
      PRINT *, K, C, Z, L, LEN(C)
      K(1) = 77
      C(2) = 'new'
      Z(1) = 0
      L = .TRUE.
      END
subroutine strings
      CHARACTER*3 C(3)
      CHARACTER*5 D(2,2)
      C = 'abc'
      C(2:3) = 'x'
      PRINT *, C
      C(1:2) = C(2:3)
      PRINT *, C
      C = C(3:1:-1)
      PRINT *, C
      D = 'hello'
      D(:,1) = C(1:2)//'zz'
      PRINT *, D, LEN(D)
      C = D(1,1)(1:3)
      PRINT *, C, C(1) .EQ. C(2), INDEX(C, 'b')
      CALL S2(C(1:3:2))
      C(1:3) = (/ 'one', 'two', 'six' /)
      PRINT *, C, C .EQ. 'two', LEN_TRIM(D)
      D(1,:) = D(2,:)
      PRINT *, D

      END subroutine
      SUBROUTINE S2(C)
      CHARACTER*(*) C(2)
      PRINT *, C
      END
