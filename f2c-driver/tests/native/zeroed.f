C flags: -finit-local-zero
      SUBROUTINE ZEROED(N, S)
      CHARACTER*4 S, T
      INTEGER A(5)
      LOGICAL L
      N = 0
      IF (.NOT. L) N = 10
      DO I = 1, 5
         N = N + A(I)
         A(I) = I
      END DO
      K = K + 1
      N = N + K
      S = T
      T = 'abcd'
      L = .TRUE.
      END
