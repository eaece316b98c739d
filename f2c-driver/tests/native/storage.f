C flags:
C flags: -frecursive
C flags: -std=legacy -fallow-argument-mismatch -w -O3
      BLOCK DATA INIT
      COMMON /SHARED/ K, X(3)
      DATA K /7/, X /1.0, 2.0, 3.0/
      END
      SUBROUTINE SETUP(N)
      COMMON /SHARED/ K, X(3)
      COMMON /OTHER_ONE/ M
      COMMON L
      M = N
      L = N + 1
      K = K + N
      END
      INTEGER FUNCTION TOTAL(I)
      COMMON /SHARED/ K, X(3)
      COMMON /OTHER_ONE/ M
      COMMON L
      INTEGER COUNT
      SAVE COUNT
      DATA COUNT /100/
      COUNT = COUNT + 1
      TOTAL = K + M + L + COUNT + INT(X(I))
      END
      RECURSIVE SUBROUTINE TOWER(N, R)
      INTEGER N, R, LOCAL(3)
      LOCAL(1) = N
      R = 1
      IF (N .GT. 0) THEN
         CALL TOWER(N - 1, R)
         R = R * 2 + LOCAL(1)
      END IF
      END
      RECURSIVE FUNCTION FACT(N) RESULT(R)
      DOUBLE PRECISION R
      R = 1
      IF (N .GT. 1) R = N * FACT(N - 1)
      END
      SUBROUTINE AUTO(N, X)
      DOUBLE PRECISION W(N, 2), X(N)
      DO I = 1, N
         W(I,1) = X(I)
         W(I,2) = 2 * X(N + 1 - I)
      END DO
      DO I = 1, N
         X(I) = W(I,1) + W(I,2)
      END DO
      END
      SUBROUTINE TAKES(B, N, S)
      DOUBLE PRECISION B(N, 3), S
      DOUBLE PRECISION, ALLOCATABLE :: A(:,:), C(:)
      DO K = 1, 2
         A = 2 * B(1:K,:)
         S = S + SUM(A)
      END DO
      C = (/ 1D0, 2D0, S /)
      C = C + B(1,:)
      S = SUM(C)
      END
