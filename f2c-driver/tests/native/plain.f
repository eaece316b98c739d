C flags: -fno-underscoring -fno-automatic -fbackslash
      SUBROUTINE MY_SUB(N, S)
      CHARACTER*(*) S
      INTEGER KEPT, ZERO
      COMMON /BLK/ M
      KEPT = KEPT + 1
      N = N + KEPT + M
      CALL OTHER(N)
      S = 'a\tb'
      END
      SUBROUTINE OTHER(N)
      N = N * 2
      END
