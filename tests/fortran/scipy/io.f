! Unformatted records written, and read by what SciPy's own tests use.
      PROGRAM DRIVER
      DOUBLE PRECISION A(2, 3, 1), B(2, 3, 1)
      INTEGER I, J, K(2, 3, 1), L(2, 3, 1)
      CHARACTER*4096 NAME
      DO J = 1, 3
         DO I = 1, 2
            A(I, J, 1) = I + 0.25D0 * J
            K(I, J, 1) = 10 * I + J
         END DO
      END DO
      OPEN(10, FILE='double.dat', FORM='UNFORMATTED')
      WRITE(10) A
      CLOSE(10)
      OPEN(10, FILE='int.dat', FORM='UNFORMATTED')
      WRITE(10) K
      CLOSE(10)
      NAME = 'double.dat'
      CALL READ_UNFORMATTED_DOUBLE(2, 3, 1, B, NAME)
      NAME = 'int.dat'
      CALL READ_UNFORMATTED_INT(2, 3, 1, L, NAME)
      WRITE(*,'(1X,6F8.3,6I5)') B, L
      END
