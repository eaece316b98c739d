C     Functions of COMPLEX in both precisions, also where a formula in parts would overflow.
      PROGRAM ELEM
      COMPLEX C(7)
      DOUBLE COMPLEX Z(7)
      INTEGER I
      DATA C /(0.5,-1.25), (-3.0,0.0), (2.0E19,3.0E19), (1.0E-25,-2.0),
     $        (-1.0E-20,1.0E-20), (0.6,0.8), (1.0,1.0E-4)/
      DATA Z /(0.5D0,-1.25D0), (-3.0D0,0.0D0), (2.0D200,3.0D200),
     $        (1.0D-200,-2.0D0), (-1.0D-170,1.0D-170), (0.6D0,0.75D0),
     $        (1.0D0,1.0D-4)/
      DO 10 I = 1, 7
         PRINT 20, 'CSQRT', SQRT(C(I)), 'CLOG', LOG(C(I))
         PRINT 30, 'ZSQRT', SQRT(Z(I)), 'ZLOG', LOG(Z(I))
         PRINT 20, 'CABS', ABS(C(I)), AIMAG(C(I)), 'CPOW', C(I)**(-1)
         PRINT 30, 'ZABS', ABS(Z(I)), DIMAG(Z(I)), 'ZPOW', Z(I)**(-1)
   10 CONTINUE
      DO 15 I = 1, 7
         IF (I .EQ. 3) GO TO 15
         PRINT 20, 'CEXP', EXP(C(I)), 'CPOW', C(I)**3
         PRINT 30, 'ZEXP', EXP(Z(I)), 'ZPOW', Z(I)**3
         PRINT 20, 'CSIN', SIN(C(I)), 'CCOS', COS(C(I))
         PRINT 30, 'ZSIN', SIN(Z(I)), 'ZCOS', COS(Z(I))
         PRINT 30, 'ZPOWZ', Z(I)**(0.5D0,0.25D0), 'ZDIV', Z(1)/Z(I)
   15 CONTINUE
   20 FORMAT (2(A6, 2E13.5))
   30 FORMAT (2(A6, 2E20.12E3))
      END
