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
