C flags: -finit-local-zero
      SUBROUTINE S(A)
      REAL B(3), C
      CHARACTER*4 T
      LOGICAL L
      SAVE C
      K = K + 1
      A = B(1)
      END
