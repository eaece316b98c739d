      SUBROUTINE WIDE(N, X, L)
      REAL X
      LOGICAL L
      N = N + 10000000000_8
      X = X / 3.0
      L = N .GT. 5
      END
      INTEGER FUNCTION MIXED(K)
      INTEGER*8 K
      INTEGER M(2)
      DATA M /1, 2/
      MIXED = MAX(K, 3) + M(1) + MOD(K, 4)
      CALL WIDE2(40, MIXED)
      END
      SUBROUTINE WIDE2(K, M)
      M = M + K
      END
