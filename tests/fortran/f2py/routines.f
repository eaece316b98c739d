C     Routines for numpy.f2py: arrays, strings, a callback, COMMON, functions.
      SUBROUTINE SCALE(N, A, X)
      INTEGER N, I
      DOUBLE PRECISION A, X(N)
Cf2py intent(in,out,copy) X
      DO 10 I = 1, N
         X(I) = A*X(I)
   10 CONTINUE
      END

      SUBROUTINE MATVEC(M, N, A, X, Y)
      INTEGER M, N, I, J
      DOUBLE PRECISION A(M,N), X(N), Y(M)
Cf2py intent(out) Y
      DO 20 I = 1, M
         Y(I) = 0
         DO 20 J = 1, N
            Y(I) = Y(I) + A(I,J)*X(J)
   20 CONTINUE
      END

      SUBROUTINE GREET(NAME, TEXT)
      CHARACTER*(*) NAME
      CHARACTER*24 TEXT
Cf2py intent(out) TEXT
      TEXT = 'Hello, ' // NAME // '!'
      END

      DOUBLE PRECISION FUNCTION SIMPS(F, A, B, N)
      EXTERNAL F
      DOUBLE PRECISION F, A, B, H
      INTEGER N, I
      H = (B - A)/N
      SIMPS = F(A) + F(B)
      DO 30 I = 1, N - 1
         SIMPS = SIMPS + (2 + 2*MOD(I, 2))*F(A + I*H)
   30 CONTINUE
      SIMPS = SIMPS*H/3
      END

      REAL FUNCTION HALF(X)
      REAL X
      HALF = X/2
      END

      COMPLEX*16 FUNCTION TURN(Z)
      COMPLEX*16 Z
      TURN = Z*(0D0,1D0)
      END

      SUBROUTINE COUNT
      COMMON /TALLY/ K
      K = K + 1
      END

      SUBROUTINE PICK(FLAG, WORDS, N, FOUND)
      LOGICAL FLAG
      INTEGER N, FOUND, I
      CHARACTER*4 WORDS(N)
Cf2py intent(out) FOUND
      FOUND = 0
      DO 40 I = 1, N
         IF (FLAG .AND. WORDS(I)(1:1) .EQ. 'b') FOUND = FOUND + 1
   40 CONTINUE
      END
