C flags: -fdefault-integer-8 -fdefault-real-8
      SUBROUTINE WIDE(N, X, L)
      REAL X
      LOGICAL L
      N = N + 10000000000_8
      X = X / 3.0
      L = N .GT. 5
      END
      INTEGER FUNCTION MIXED(K)
      INTEGER*8 K
      INTEGER M(2)
      DATA M /1, 2/
      MIXED = MAX(K, 3) + M(1) + MOD(K, 4)
      CALL WIDE2(40, MIXED)
      END
      SUBROUTINE WIDE2(K, M)
      M = M + K
      END
      SUBROUTINE WIDE3(K, X)
      INTEGER K(20), N
      REAL X
      LOGICAL L
      CHARACTER*8 S
      CHARACTER*12 T
      N = 3
      S = 'abc'
      L = S .EQ. 'abc'
      IF (L .AND. LLT(S, 'abd')) K(1) = 1
      K(2) = HUGE(K) - 5
      K(3) = BIT_SIZE(K) + DIGITS(K) + KIND(K)
      K(4) = CEILING(X) + FLOOR(X * 1E9)
      K(5) = MODULO(-7, N)
      K(6) = LEN_TRIM(S) + LEN(S) + INDEX(S, 'c')
      K(7) = NINT(X * 1E10)
      K(8) = 10 ** (N * 5)
      K(9) = EXPONENT(X)
      T = S(1:3) // 'def' // S(2:2)
      K(10) = SIGN(N, -N) + ISIGN(4, N) + IDIM(N, 1)
      WRITE(*,*) K(8), N, L, S
      WRITE(*,'(I20,L3,1X,A)') K(8), L, T
      WRITE(T,'(I12)') K(8) / 10000
      READ(T,'(I12)') K(11)
      READ(T,*) K(12)
      OPEN(9, STATUS='SCRATCH', FORM='UNFORMATTED')
      WRITE(9) K(8), N
      REWIND(9)
      READ(9) K(13), K(14)
      CLOSE(9)
      K(15) = 2 ** N + INT(2D0 ** N) + INT(X ** N)
      K(16) = IAND(12, 10) + IOR(N, 8) + IEOR(N, 1)
      K(17) = ISHFT(N, 40) + ISHFT(K(8), -N)
      K(18) = IBITS(K(8), N, 20)
      K(19) = ISHFTC(N, 6, 8)
      INQUIRE(FILE='no such file', EXIST=L)
      K(20) = 7
      IF (L) K(20) = 8
      END
      SUBROUTINE PASSED(F, G, K)
      INTEGER F, G, K
      K = F(-10000000007_8, 10) + G(-20000000000_8)
      END
      SUBROUTINE WIDE4(K)
      INTEGER K(20), N, A(3)
      LOGICAL L, M(2)
      CHARACTER*40 T
      INTEGER, ALLOCATABLE :: V(:), W(:)
      CHARACTER*3, ALLOCATABLE :: S(:)
      INTEGER LBITS, MBITS(2)
      EQUIVALENCE (L, LBITS), (M, MBITS)
      NAMELIST /NAMES/ N, L, A, M
      INTRINSIC MOD, IABS
      N = -1
      M(1) = .TRUE.
      M(2) = .FALSE.
      OPEN(9, STATUS='SCRATCH')
      WRITE(9,'(A)') ' &NAMES N = 10000000000, L = F, A(2) = 7, -8 /'
      WRITE(9,'(A)') ' T F'
      REWIND(9)
      A(1) = 1
C     Every bit of the LOGICALs that are read.
      LBITS = -1
      READ(9, NAMES)
      K(1) = N
      K(2) = A(1) + A(2) * 10 + A(3) * 100
      IF (.NOT. L .AND. M(1) .AND. .NOT. M(2)) K(3) = 1
      MBITS(1) = -1
      MBITS(2) = -1
      READ(9,*) M
      IF (M(1) .AND. .NOT. M(2)) K(4) = 1
      MBITS(2) = -1
      READ(9,'(L1)', IOSTAT=K(5)) L
      REWIND(9)
      WRITE(9, NAMES)
      REWIND(9)
      N = 0
      READ(9, NAMES)
      K(6) = N
      T = ' F T'
      READ(T,'(2L2)') M(2), L
      IF (L .AND. .NOT. M(2)) K(7) = 1
      CLOSE(9)
      K(8) = -1
      READ(T,'(I2)', IOSTAT=K(8), ERR=10) N
   10 IF (K(8) .NE. 0) K(8) = 1
      K(9) = -1
      OPEN(9, FILE='no/such/file', STATUS='OLD', IOSTAT=K(9))
      IF (K(9) .NE. 0) K(9) = 1
      K(10) = -1
      ALLOCATE(V(5), W(2), STAT=K(10))
      K(11) = -1
      ALLOCATE(V(7), STAT=K(11))
      V = 3
      W(1) = 40
      K(12) = SIZE(V) + SUM(V) + W(1)
      ALLOCATE(S(4), STAT=K(13))
      S(4) = 'abc'
      IF (S(4)(2:) .EQ. 'bc') K(14) = -1
      K(15) = -1
      DEALLOCATE(V, W, S, STAT=K(15))
      DEALLOCATE(V, STAT=K(16))
      IF (ALLOCATED(V)) K(17) = 9
      CALL PASSED(MOD, IABS, K(18))
      END
