      SUBROUTINE APPLY(F, G, X, N)
      EXTERNAL F, G
      DOUBLE PRECISION F, X(N)
      DO I = 1, N
         X(I) = F(X(I), I)
      END DO
      CALL G(X, N, 'done')
      CALL PASS(F, X(1))
      END
      SUBROUTINE PASS(H, X)
      EXTERNAL H
      DOUBLE PRECISION H, X
      CALL LAST(H, X)
      END
      SUBROUTINE LAST(H, X)
      DOUBLE PRECISION H, X
      X = X + H(X, 7)
      END
      SUBROUTINE JUMP(N, *, *)
      IF (N .EQ. 1) RETURN 1
      IF (N .EQ. 2) RETURN 2
      N = 30
      END
      INTEGER FUNCTION WHERE_TO(N)
      CALL JUMP(N, *10, *20)
      WHERE_TO = N
      RETURN
   10 WHERE_TO = 100
      RETURN
   20 WHERE_TO = 200
      END
      SUBROUTINE FIRST(A, B)
      A = A + 1
      RETURN
      ENTRY SECOND_ONE(B)
      B = B + 10
      END
      REAL FUNCTION AREA(R)
      AREA = 3 * R * R
      RETURN
      ENTRY EDGE(R)
      EDGE = 6 * R
      END
      SUBROUTINE JUMP_OUT(N, *)
      IF (N .GT. 3) RETURN 1
      N = N + 1
      RETURN
      ENTRY JUMP_IN(N, *)
      IF (N .LT. 3) RETURN 1
      N = N + 10
      END
      INTEGER FUNCTION WAYS(N)
      CALL FIRST(X, Y)
      CALL JUMP_OUT(N, *10)
      CALL JUMP_IN(N, *20)
      WAYS = N
      RETURN
   10 WAYS = -N
      RETURN
   20 WAYS = 100 * N
      END
