! What f2c folds, and values of short kinds.
program p
  call folded
  call mixed
  call parts
  call single
  call named
  call functions
  call logicals
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
subroutine single
      REAL X, Y
      X = 0.1
      Y = 0.2
      IF (X + 0.1 .EQ. 0.2) PRINT *, 'a'
      IF (X + Y .EQ. 0.3) PRINT *, 'b'
      IF (X*3.0 .EQ. 0.3) PRINT *, 'c'
      IF (0.1 + 0.2 .EQ. 0.3) PRINT *, 'd'
      IF (0.1*3 .EQ. 0.3) PRINT *, 'e'
      IF (X/3.0*3.0 .EQ. X) PRINT *, 'f'
      IF (1.0/3.0 .EQ. X/0.3) PRINT *, 'g'
      IF (SQRT(2.0)**2 .EQ. 2.0) PRINT *, 'h'
      IF (SIN(X) .EQ. SIN(0.1)) PRINT *, 'i'
      IF (EXP(1.0) .EQ. 2.7182817) PRINT *, 'j'
      PRINT *, 0.1+0.2-0.3, X+Y-0.3, (X+0.2)-0.3, 1E10*1E10*1E10*1E10
      END subroutine
subroutine named
      INTEGER*8 K8, KARR(2)
      INTEGER*1 B1
      REAL*8 PI
      COMPLEX*16 CI
      CHARACTER*4 S
      LOGICAL L
      PARAMETER (K8 = 2_8**40, B1 = -5, PI = 3.14159265358979D0)
      PARAMETER (CI = (0D0, 1D0), S = 'ab', L = .NOT. .TRUE.)
      PARAMETER (N = 3*2-1, X = N/2, Y = N/2.0, M = MOD(N,3))
      PARAMETER (I8 = K8/2_8**35, C = 1.5E0*2)
      INTEGER A(N), Z(N/2:N*2)
      DATA A /N*1/, KARR /K8, 7/
      PRINT *, K8, B1, PI, CI, S//'|', L, N, X, Y, M, I8, C
      PRINT *, A, SIZE(Z), K8*2, -K8, K8-1, B1*2, CI*CI, PI*2
      PRINT *, KARR, MAX(K8, 1_8), S(1:1), LEN(S), ICHAR('A')
      IF (K8 .GT. 1000000000) PRINT *, 'large'
      CALL T(K8, B1, PI, CI, S, N, -N, K8+1)
      DO 10 I = 1, N, M
   10 PRINT *, I
      SELECT CASE (N)
      CASE (N)
      PRINT *, 'N'
      END SELECT
      END subroutine
      SUBROUTINE T(K, B, P, C, S, N, M, L)
      INTEGER*8 K, L
      INTEGER*1 B
      REAL*8 P
      COMPLEX*16 C
      CHARACTER*(*) S
      PRINT *, K, B, P, C, S, N, M, L
      END
subroutine functions
      INTEGER*8 F8, K
      INTEGER*1 F1, B
      INTEGER*2 F2, H
      LOGICAL*1 FL
      COMPLEX FC, Z
      DOUBLE PRECISION FD, D
      CHARACTER*2 FS
      F8(K) = K*K + 1
      F1(B) = B + 1_1
      F2(H) = H/2
      FL(B) = B .GT. 3
      FC(Z) = Z*CONJG(Z)
      FD(D) = D/3
      FS(I) = CHAR(I)//CHAR(I+1)
      G(X, Y) = SQRT(X**2 + Y**2)
      H2(X) = G(X, X) + FD(1D0)
      PRINT *, F8(3000000000_8), F1(5_1), F2(9_2), FL(4_1), FC((1.,2.))
      PRINT *, FD(1D0), FS(65), G(3.,4.), H2(1.0), F8(2_8)/F8(1_8)
      PRINT *, F8(F8(1_8)), F1(F1(1_1)), MAX(F8(1_8), 5_8)
      IF (FL(7_1)) PRINT *, 'fl'
      END subroutine
subroutine logicals
      LOGICAL*1 L1, M1(4)
      LOGICAL*2 L2
      LOGICAL*4 L4
      INTEGER I
      CHARACTER*6 S
      DATA M1 /4*.FALSE./
      S = 'banana'
      L1 = .FALSE.
      L2 = .FALSE.
      L4 = .TRUE.
      PRINT *, MERGE(1,2,L1), MERGE(1,2,L2), MERGE(1.,2.,.NOT.L1)
      PRINT *, MERGE(1,2,L1.OR.L2), MERGE(1,2,M1(2)), MERGE(1,2,L4)
      PRINT *, MERGE(1,2,.NOT.M1(1)), MERGE(1,2,L1.AND..TRUE.)
      PRINT *, MERGE(1,2,L1.EQV.L2), MERGE(1,2,L1.AND.L4)
      PRINT *, INDEX(S,'an',L1), INDEX(S,'an',.NOT.L1), SCAN(S,'n',L2)
      PRINT *, VERIFY(S,'ban',L1), SCAN(S,'n',BACK=M1(1))
      PRINT *, L1.OR.L2, .NOT.L1, L1.EQV.L2, L1.AND.L4
      WRITE (*,'(4L3)') L1.OR.L2, .NOT.L1, L1.EQV.L2, M1(1)
      PRINT *, COUNT(M1), COUNT(.NOT.M1), MERGE(M1,.TRUE._1,M1)
      PRINT *, MERGE(.TRUE.,.FALSE.,L4), MERGE(L1,.TRUE._1,L1)
      CALL S4(LOGICAL(.NOT.L1))
      CALL S1(.NOT.L1)
      END subroutine
      SUBROUTINE S4(L)
      LOGICAL L
      PRINT *, L
      END
      SUBROUTINE S1(L)
      LOGICAL*1 L
      PRINT *, L
      END
