*     Times four kernels, each after one run to warm up. A line for each: its name, seconds for one
*     run, and a number that depends on all of its result.
      PROGRAM KERNEL
      INTEGER N
      PARAMETER (N = 400)
      DOUBLE PRECISION A(N, N), B(N, N), C(N, N), W(N), X(N), Y(1)
      DOUBLE PRECISION WORK(34*N)
      INTEGER PIVOT(N)
      COMMON /ARRAYS/ A, B, C, W, X, WORK, PIVOT
      INTEGER I, INFO, ROUND
      REAL START, SECONDS
      EXTERNAL SECONDS
      DOUBLE PRECISION TOTAL
      EXTERNAL TOTAL

      CALL FILL(A, N, 1)
      CALL FILL(B, N, 2)
      DO 10 ROUND = 0, 10
         IF (ROUND .EQ. 1) START = SECONDS()
         CALL DGEMM('N', 'N', N, N, N, 1D0, A, N, B, N, 0D0, C, N)
   10 CONTINUE
      CALL SAY('dgemm', (SECONDS() - START) / 10, TOTAL(C, N*N))

      DO 20 ROUND = 0, 20
         IF (ROUND .EQ. 1) START = SECONDS()
         CALL DCOPY(N*N, A, 1, C, 1)
         CALL DGETRF(N, N, C, N, PIVOT, INFO)
   20 CONTINUE
      CALL SAY('dgetrf', (SECONDS() - START) / 20, TOTAL(C, N*N))

      DO 30 ROUND = 0, 1
         IF (ROUND .EQ. 1) START = SECONDS()
         CALL DCOPY(N*N, A, 1, C, 1)
         CALL DGEEV('N', 'V', N, C, N, W, X, Y, 1, B, N, WORK, 34*N,
     &              INFO)
   30 CONTINUE
      CALL SAY('dgeev', SECONDS() - START, TOTAL(W, N))

      DO 50 ROUND = 0, 1
         IF (ROUND .EQ. 1) START = SECONDS()
         CALL FILL(A, N, 3)
         CALL FILL(B, N, 3)
         DO 40 I = 1, 200
            CALL SWEEP(N, A, B)
            CALL SWEEP(N, B, A)
   40    CONTINUE
   50 CONTINUE
      CALL SAY('stencil', SECONDS() - START, TOTAL(A, N*N))
      END

*     Processor time so far.
      REAL FUNCTION SECONDS()
      REAL T(2), ETIME
      INTRINSIC ETIME
      SECONDS = ETIME(T)
      END

      SUBROUTINE SAY(NAME, TIME, CHECK)
      CHARACTER*(*) NAME
      REAL TIME
      DOUBLE PRECISION CHECK
      WRITE (*, 100) NAME, TIME, CHECK
  100 FORMAT (A, 1X, F12.6, 1X, E16.8)
      END

*     Numbers between -0.5 and 0.5 that are the same everywhere.
      SUBROUTINE FILL(A, N, SEED)
      INTEGER N, SEED, I, J, STATE
      DOUBLE PRECISION A(N, N)
      STATE = SEED
      DO 20 J = 1, N
         DO 10 I = 1, N
            STATE = MOD(STATE*1103 + 12345, 65536)
            A(I, J) = DBLE(STATE) / 65536 - 0.5D0
   10    CONTINUE
   20 CONTINUE
      END

      DOUBLE PRECISION FUNCTION TOTAL(A, N)
      INTEGER N, I
      DOUBLE PRECISION A(N)
      TOTAL = 0
      DO 10 I = 1, N
         TOTAL = TOTAL + ABS(A(I))
   10 CONTINUE
      END

*     The mean of four neighbours.
      SUBROUTINE SWEEP(N, A, B)
      INTEGER N, I, J
      DOUBLE PRECISION A(N, N), B(N, N)
      DO 20 J = 2, N - 1
         DO 10 I = 2, N - 1
            B(I, J) = 0.25D0*(A(I-1, J) + A(I+1, J)
     &                      + A(I, J-1) + A(I, J+1))
   10    CONTINUE
   20 CONTINUE
      END
