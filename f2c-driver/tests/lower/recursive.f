      RECURSIVE INTEGER FUNCTION FACT(N) RESULT(R)
      INTEGER N
      IF (N .LE. 1) THEN
         R = 1
      ELSE
         R = N * FACT(N-1)
      END IF
      END
      recur
     &sive subroutine
     &twice(x)
      x = 2*x
      end
