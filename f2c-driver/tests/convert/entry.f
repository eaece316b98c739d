      SUBROUTINE MY_SUB(N, X, *)
      COMMON /MY_BLOCK/ K
      CHARACTER*(*) X
      IF (N .GT. 3) RETURN 1
      K = LEN(X)
      CALL OTHER_ONE(N, X)
      CALL THIRD(*10)
10    STOP
      ENTRY AGAIN(N)
      N = 1
      END
