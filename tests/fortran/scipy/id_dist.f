! Interpolative decompositions and singular values of real and complex matrices of low rank.
      PROGRAM DRIVER
      INTEGER N, LIST(30), KRANK, I, J, IU, IV, IS, IER
      PARAMETER (N = 30)
      DOUBLE PRECISION A(N, N), B(N, N), NORMS(N), W(20000)
      DO I = 1, N
         DO J = 1, N
            A(I, J) = 1D0 / (I + J + 5) + SIN(0.1D0 * I * J)
         END DO
      END DO
      B = A
      CALL IDDP_ID(1D-6, N, N, B, KRANK, LIST, NORMS)
      WRITE(*,'(1X,I4,8I5)') KRANK, (LIST(I), I = 1, 8)
      WRITE(*,'(1X,4ES24.15)') (NORMS(I), I = 1, 4)
      B = A
      CALL IDDP_SVD(20000, 1D-6, N, N, B, KRANK, IU, IV, IS, W, IER)
      WRITE(*,'(1X,2I4,4ES24.15)') KRANK, IER, (W(IS + I), I = 0, 3)
      CALL COMPLEXES
      END
      SUBROUTINE COMPLEXES
      INTEGER N, LIST(30), KRANK, I, J, IU, IV, IS, IER
      PARAMETER (N = 30)
      DOUBLE PRECISION NORMS(N)
      COMPLEX*16 A(N, N), B(N, N), W(20000)
      DO I = 1, N
         DO J = 1, N
            A(I, J) = DCMPLX(1D0 / (I + J + 5), SIN(0.1D0 * I * J))
         END DO
      END DO
      B = A
      CALL IDZP_ID(1D-6, N, N, B, KRANK, LIST, NORMS)
      WRITE(*,'(1X,I4,8I5)') KRANK, (LIST(I), I = 1, 8)
      WRITE(*,'(1X,4ES24.15)') (NORMS(I), I = 1, 4)
      B = A
      CALL IDZP_SVD(20000, 1D-6, N, N, B, KRANK, IU, IV, IS, W, IER)
      WRITE(*,'(1X,2I4,4ES24.15)') KRANK, IER,
     &   (DBLE(W(IS + I)), I = 0, 3)
      END
