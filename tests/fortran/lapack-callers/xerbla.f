C     In the place of LAPACK's, which needs Fortran 90: INFO says the same.
      SUBROUTINE XERBLA(SRNAME, INFO)
      CHARACTER*(*) SRNAME
      INTEGER INFO
      END
