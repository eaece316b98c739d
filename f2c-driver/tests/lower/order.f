      SUBROUTINE S
      REAL X
      DATA X /1.0/
      INTEGER I
      F(Y) = Y*X
      DOUBLE PRECISION BIG(100,100)
      IMPLICIT REAL (Q)
      I = F(2.0)
      BIG(1,1) = I
      END
