      SUBROUTINE FILL_IT(N, A, TITLE, X, FLAG)
      INTEGER N
      DOUBLE PRECISION A(N,*)
      CHARACTER*(*) TITLE
      REAL X
      LOGICAL FLAG
      DO 10 I = 1, N
         A(I,2) = A(I,1) * X + LEN(TITLE)
   10 CONTINUE
      TITLE = 'filled'
      FLAG = .NOT. FLAG
      X = X ** (-3)
      END
      REAL FUNCTION RSUM(N, X)
      REAL X(N)
      RSUM = 0
      DO I = 1, N
         RSUM = RSUM + X(I)
      END DO
      END
      DOUBLE PRECISION FUNCTION DHALF(X)
      DOUBLE PRECISION X
      DHALF = X / 2
      END
      LOGICAL FUNCTION ODD(N)
      ODD = MOD(N, 2) .NE. 0
      END
      CHARACTER*(*) FUNCTION UPPER(C)
      CHARACTER*(*) C
      UPPER = 'U' // C
      END
      INTEGER*8 FUNCTION BIG(K)
      INTEGER*8 K
      BIG = K * 3
      END
      SUBROUTINE CPLX(Z, C)
      COMPLEX*16 Z
      COMPLEX C
      Z = CONJG(Z) * C / CMPLX(1.0, 2.0)
      C = SQRT(C)
      END
