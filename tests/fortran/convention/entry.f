C     ENTRY, alternate returns, hidden lengths in the order of the strings, RECURSIVE.
      SUBROUTINE JOIN(A, N, B, OUT)
      CHARACTER*(*) A, B, OUT
      INTEGER N, LAST
      SAVE LAST
      DATA LAST /0/
      LAST = N
      OUT = A(1:N)//B
      RETURN
      ENTRY LASTN(N)
      N = LAST
      RETURN
      END

      SUBROUTINE SIGNUM(X, *, *)
      INTEGER X
      IF (X .LT. 0) RETURN 1
      IF (X .GT. 0) RETURN 2
      END

      INTEGER FUNCTION KIND3(X)
      INTEGER X
      CALL SIGNUM(X, *10, *20)
      KIND3 = 0
      RETURN
   10 KIND3 = -1
      RETURN
   20 KIND3 = 1
      END

      CHARACTER*(*) FUNCTION STARS(N)
      INTEGER N, I
      STARS = ' '
      DO 30 I = 1, MIN(N, LEN(STARS))
   30 STARS(I:I) = '*'
      END

      RECURSIVE INTEGER FUNCTION FACT(N) RESULT(R)
      INTEGER N, M
      M = N - 1
      IF (N .LE. 1) THEN
         R = 1
      ELSE
         R = N*FACT(M)
         IF (M .NE. N - 1) R = -1
      END IF
      END

      LOGICAL FUNCTION SAME(A, B)
      CHARACTER*(*) A, B
      SAME = A .EQ. B
      END
