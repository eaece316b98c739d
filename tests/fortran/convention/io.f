C     Input and output: formatted, list-directed, internal, unformatted, direct.
      PROGRAM IO
      INTEGER I, J, K(3), IOS
      REAL X, Y(3)
      DOUBLE PRECISION D
      COMPLEX Z
      LOGICAL L, THERE
      CHARACTER*20 LINE
      CHARACTER*8 WORD
      D = 1D0/3
      Z = (1.5, -2.5)
      WRITE (*, '(1X,I5,F9.4,E14.6,D22.14)') 42, 2.5, 1.25E-3, D
      WRITE (*, 100) (I, I*I, I = 1, 3), 'end', .TRUE.
  100 FORMAT (1X, 3(I2, ':', I3.2, 2X), A5, L3)
      WRITE (*, '(1X,2G14.5,Z8,O8,1P,E12.3)') 0.1, 12345.678, 255, 8, D
      WRITE (*, '(1X,A,T12,A,/,1X,SP,I4,BN,S,I4)') 'abc', 'tab', 7, 7
      PRINT *, 42, 2.5, D, Z, .FALSE., ' text', 1E-10, 12345678.0
      PRINT *, (I, I = 1, 30)
C     Internal.
      WRITE (LINE, '(I4.4,A,F6.2)') 17, '/', 3.14159
      READ (LINE, '(I4,1X,F6.2)') J, X
      WRITE (*, '(1X,A,I6,F8.3)') LINE, J, X
      LINE = '  3  4.5 hello'
      READ (LINE, *) J, X, WORD
      WRITE (*, '(1X,I3,F5.1,A)') J, X, WORD
      LINE = '1.5D2'
      READ (LINE, '(D10.0)') D
      WRITE (*, '(1X,F8.2)') D
      LINE = 'abc'
      READ (LINE, '(I3)', IOSTAT = IOS) J
      WRITE (*, '(1X,L2)') IOS .GT. 0
C     A formatted file, read to its end, and back.
      OPEN (10, FILE = 'text.dat', STATUS = 'UNKNOWN')
      DO 10 I = 1, 5
   10 WRITE (10, '(I3,F8.3)') I, SQRT(REAL(I))
      REWIND 10
      J = 0
   20 READ (10, '(I3,F8.3)', END = 30) I, X
      J = J + I
      GO TO 20
   30 WRITE (*, '(1X,I4,F8.3)') J, X
      BACKSPACE 10
      BACKSPACE 10
      READ (10, *) I, X
      WRITE (*, '(1X,I4,F8.3)') I, X
      CLOSE (10, STATUS = 'DELETE')
      INQUIRE (FILE = 'text.dat', EXIST = THERE)
      WRITE (*, '(1X,L2)') THERE
C     Unformatted, in sequence and direct.
      OPEN (11, FILE = 'raw.dat', FORM = 'UNFORMATTED')
      WRITE (11) 1, 2.5, D, Z, .TRUE., 'abcdefgh'
      WRITE (11) (I, I = 1, 3)
      REWIND 11
      READ (11) I, X, D, Z, L, WORD
      READ (11) K
      WRITE (*, '(1X,I3,3F7.2,F8.2,L2,1X,A,3I3)') I, X, Z, D, L, WORD, K
      CLOSE (11, STATUS = 'DELETE')
      OPEN (12, FILE = 'direct.dat', ACCESS = 'DIRECT', RECL = 12,
     $      FORM = 'UNFORMATTED')
      DO 40 I = 3, 1, -1
         Y(1) = I
         Y(2) = 10*I
         Y(3) = 100*I
   40 WRITE (12, REC = I) Y
      READ (12, REC = 2) Y
      WRITE (*, '(1X,3F8.1)') Y
      READ (12, REC = 9, IOSTAT = IOS) Y
      WRITE (*, '(1X,L2)') IOS .NE. 0
      CLOSE (12, STATUS = 'DELETE')
      OPEN (13, FILE = 'no/such/file', STATUS = 'OLD', ERR = 50)
      WRITE (*, '(1X,A)') 'opened'
   50 WRITE (*, '(1X,A)') 'done'
      END
