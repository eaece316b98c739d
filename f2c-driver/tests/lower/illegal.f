C     What gfortran refuses, each unit for another reason.
      SUBROUTINE A
      REAL*8 X*4
      END
      SUBROUTINE B
      IMPLICIT INTEGER (A-C), COMPLEX
      END
      SUBROUTINE C
      INTRINSIC SINE
      END
      SUBROUTINE D
      GOTO L
      END
      SUBROUTINE E
      READ ('1 2', *) I
      END
      SUBROUTINE F
      PRINT *, Z'FF'
      END
      SUBROUTINE G
      INTEGER*8 I
      I = 3000000000
      END
      SUBROUTINE H
      X = FUN(1.0)
      END
      DOUBLE PRECISION FUNCTION FUN(A)
      FUN = A
      END
      SUBROUTINE LEGAL
      ASSIGN 10 TO L
      GOTO L
   10 CONTINUE
      END
      SUBROUTINE FORMATS
      WRITE (*, 20) 5
   20 FORMAT (1X, 2(I5,))
      END
      SUBROUTINE WIDTHS(N)
      PRINT '(I<N>)', N
      END
      SUBROUTINE SCALED(X)
      CHARACTER*(*) FORM
      PARAMETER (FORM = '(1P 2X, E10.3)')
      WRITE (*, FMT=FORM) X
      END
      SUBROUTINE POWERS(X)
      X = 10**10
      END
      SUBROUTINE ZERO(I)
      PARAMETER (N = 0)
      I = 1/N
      END
      SUBROUTINE INFINITE(X)
      X = 1E39
      END
      SUBROUTINE NARROW(X)
      X = 1D39
      END
      SUBROUTINE SMALL
      INTEGER*1 K
      DATA K /200/
      END
      SUBROUTINE FUNCTIONS(X)
      X = SQRT(-1.0)
      END
      SUBROUTINE BITS(I)
      I = ISHFT(I, 40)
      END
      SUBROUTINE PARTS(C)
      COMPLEX C
      C = (1+1, 2)
      END
      SUBROUTINE COMMA(X)
      CALL S(X,)
      END
      SUBROUTINE BEHIND(C)
      CHARACTER*3 C
      C(2:5) = ' '
      END
      SUBROUTINE INSIDE(I)
      INTEGER*8 K
      DATA J /-2147483648/
      I = -2147483647 - 1
      K = 65536 * 65536
      END
      SUBROUTINE KINDS(I)
      INTEGER*8 K
      K = IAND(K, I)
      END
      SUBROUTINE TYPES(I)
      I = INDEX('a', 1)
      END
      SUBROUTINE TIMES(I)
      CALL CPU_TIME(I)
      END
      SUBROUTINE ZEROES(X)
      X = ATAN2(0.0, 0.0)
      END
      SUBROUTINE ZERO(C)
      COMPLEX C
      C = LOG((0.0, 0.0))
      END
      SUBROUTINE LARGE(X)
      X = GAMMA(100.0)
      END
      SUBROUTINE POLE(X)
      X = LOG_GAMMA(-1.0)
      END
      SUBROUTINE NOTYPE(X)
      X = Z'3F800000'
      END
      SUBROUTINE SUM2(I)
      I = Z'FF' + 1
      END
      SUBROUTINE BOUNDS
      DIMENSION A(3,)
      A(1) = 1
      END
      SUBROUTINE POWER
      INTEGER*8 K
      K = 2**40
      END
      SUBROUTINE KILLS(X)
      CALL KILL(X, 'A')
      END
