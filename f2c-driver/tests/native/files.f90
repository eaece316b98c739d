! Positions, records and groups of files.
program p
  call back
  call direct
  call groups
  call dollars
  call overflows
end program
subroutine back
      INTEGER D, K
      CHARACTER*10 S
      D = -1
      OPEN (11, STATUS='SCRATCH', FORM='UNFORMATTED')
      WRITE (11) D
      READ (11, END=10) D
   10 BACKSPACE 11
      BACKSPACE 11
      BACKSPACE 11
      READ (11, END=20) K
      PRINT *, K
   20 WRITE (11) 42, 43
      WRITE (11) 4711, 4712
      WRITE (11) -5, -6
      REWIND 11
      READ (11) K
      READ (11) I, J
      READ (11, IOSTAT=K) I, J, L
      PRINT *, K .NE. 0
      BACKSPACE 11
      READ (11) I, J
      PRINT *, I, J
      READ (11) I, J
      PRINT *, I, J
      READ (11, IOSTAT=K) I
      PRINT *, K
      BACKSPACE 11
      BACKSPACE 11
      READ (11) I
      PRINT *, I
      CLOSE (11)
      OPEN (12, STATUS='SCRATCH')
      WRITE (12,'(A)') 'one', 'two', 'three'
      BACKSPACE 12
      READ (12,'(A)') S
      PRINT *, S
      BACKSPACE 12
      BACKSPACE 12
      BACKSPACE 12
      BACKSPACE 12
      READ (12,'(A)') S
      PRINT *, S
      WRITE (12,'(A)') 'new'
      REWIND 12
    5 READ (12,'(A)',END=6) S
      PRINT *, S
      GOTO 5
    6 BACKSPACE 12
      WRITE (12,'(A)') 'more'
      REWIND 12
    7 READ (12,'(A)',END=8) S
      PRINT *, S
      GOTO 7
    8 CONTINUE
      END subroutine
subroutine direct
      CHARACTER*10 S
      INTEGER I, J, K(3)
      REAL X
      OPEN (10, FILE='dir.dat', ACCESS='DIRECT', RECL=20,& 
 & FORM='FORMATTED', STATUS='REPLACE')
      WRITE (10, '(A,I5)', REC=2) 'two', 2
      WRITE (10, '(A,I5)', REC=1) 'one', 1
      WRITE (10, '(F8.3)', REC=4) 2.5
      READ (10, '(A3,I5)', REC=2) S, I
      PRINT *, S, I
      READ (10, '(F8.3)', REC=4) X
      PRINT *, X
      READ (10, '(A)', REC=9, IOSTAT=I) S
      PRINT *, I .NE. 0
      CLOSE (10, STATUS='DELETE')
      OPEN (11, FILE='dir2.dat', ACCESS='DIRECT', RECL=12)
      DO I = 1, 5
      WRITE (11, REC=I) I, I*1.5, I*I
      END DO
      READ (11, REC=3) I, X, J
      PRINT *, I, X, J
      WRITE (11, REC=3) 33
      READ (11, REC=3) I, X
      PRINT *, I, X
      READ (11, REC=5) K
      PRINT *, K(1), K(3)
      READ (11, REC=7, IOSTAT=I) J
      PRINT *, I .NE. 0
      WRITE (11, REC=6, IOSTAT=I) 1D0, 2D0
      PRINT *, I .NE. 0
      CLOSE (11, STATUS='DELETE')
      END subroutine
subroutine groups
      INTEGER I, J, K(3)
      LOGICAL L, M(2)
      REAL X
      CHARACTER*8 S
      COMPLEX Z
      NAMELIST /CNTRL/ I, J, L, M, X, S, K, Z
      OPEN (10, STATUS='SCRATCH')
      WRITE (10,'(A)') ' $FILE', '  pseu dir/file', ' $END'
      WRITE (10,'(A)') ' $cntrl i=1,j=2,', ' x=3.5, s=''a/b'' $END', '/'
      WRITE (10,'(A)') ' &cntrl i=5,l=t &end'
      WRITE (10,'(A)') ' &cntrl i=6,m=.false.,T &end'
      WRITE (10,'(A)') ' &other i=9 /'
      WRITE (10,'(A)') ' &cntrl k=1,2*7 z=(1,2) k(2)=9 /'
      WRITE (10,'(A)') ' &CNTRL'
      WRITE (10,'(A)') '  i = 12 ! comment'
      WRITE (10,'(A)') '  k(1:2) = 4, 5'
      WRITE (10,'(A)') '  s(2:3) = "xy"'
      WRITE (10,'(A)') '  x = nan'
      WRITE (10,'(A)') '/'
      REWIND 10
      L = .FALSE.
      M = .FALSE.
      K = 0
      READ (10, CNTRL)
      PRINT *, I, J, X, S
      READ (10, CNTRL)
      PRINT *, I, L
      READ (10, CNTRL)
      PRINT *, I, M
      READ (10, CNTRL)
      PRINT *, K, Z
      READ (10, CNTRL)
      PRINT *, I, K, S, X
      READ (10, CNTRL, IOSTAT=I)
      PRINT *, I
      END subroutine
subroutine dollars
   10 FORMAT (I3,$)
      WRITE (*,10) 1
      WRITE (*,10) 2,3,4,5
      WRITE (*,*)
      WRITE (*,'(2(I3,$))') 1,2,3
      WRITE (*,'(A)') 'x'
      WRITE (*,'(A,I3,$)') 'x', 7
      WRITE (*,*)
      END subroutine
subroutine overflows
      CHARACTER*30 L
      INTEGER I
      INTEGER*1 B
      INTEGER*2 H
      L = '99999999999 300 70000'
      READ (L, '(I11)', IOSTAT=K) I
      PRINT *, K .NE. 0
      READ (L, *, IOSTAT=K) I
      PRINT *, K .NE. 0
      L = '300'
      READ (L, '(I3)', IOSTAT=K) B
      PRINT *, K .NE. 0
      READ (L, *, IOSTAT=K) B
      PRINT *, K .NE. 0
      L = '70000'
      READ (L, '(I5)', IOSTAT=K) H
      PRINT *, K .NE. 0
      READ (L, *, IOSTAT=K) H
      PRINT *, K .NE. 0
      L = '1.5'
      READ (L, *, IOSTAT=K) I
      PRINT *, K .NE. 0
      L = '1 2'
      READ (L, *, IOSTAT=K) I, J, M
      PRINT *, K
      L = 'T'
      READ (L, *, IOSTAT=K) I
      PRINT *, K .NE. 0
      L = '12abc'
      READ (L, *, IOSTAT=K) I
      PRINT *, K .NE. 0
      L = '1e99'
      READ (L, *, IOSTAT=K) X
      PRINT *, K .NE. 0
      READ (L, '(E4.0)', IOSTAT=K) X
      PRINT *, K .NE. 0
      L = 'FF FFFFFFFFF'
      READ (L, '(Z2,1X,Z9)', IOSTAT=K) I, J
      PRINT *, K .NE. 0
      END subroutine
