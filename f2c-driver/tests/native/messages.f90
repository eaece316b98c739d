program p
      character*60 m
      character*5 c
      integer i
      m = 'unset'
      open (10, file='nonexist.dat', status='old', iostat=i, iomsg=m)
      print *, i, m
      c = 'abc'
      read (c, '(i3)', iostat=i, iomsg=m) j
      print *, i, m
      m = 'keep'
      c = '123'
      read (c, '(i3)', iostat=i, iomsg=m) j
      print *, i, m, j
      read (55, *, iostat=i, iomsg=m) j
      print *, i, m
      c = ' '
      read (c, *, iostat=i, iomsg=m) j
      print *, i, m
      call lists
end program
subroutine lists
      REAL X, Y, Z
      DOUBLE PRECISION D
      COMPLEX C
      LOGICAL L
      INTEGER*8 K
      CHARACTER*10 S
      OPEN (10, STATUS='SCRATCH')
      WRITE (10,*) 'NaN Inf -Infinity'
      WRITE (10,*) '+inf'
      WRITE (10,*) '(1.0,NaN)'
      WRITE (10,*) '.T. 9000000000 2*7 abc'
      WRITE (10,*) '1.5, , 3*, /'
      WRITE (10,*) '"quo ted" ''it''''s'''
      REWIND 10
      READ (10,*) X, Y, Z
      PRINT *, X, Y, Z
      READ (10,*) D
      PRINT *, D
      READ (10,*) C
      PRINT *, C
      READ (10,*) L, K, I, J, S
      PRINT *, L, K, I, J, S
      X = 7
      Y = 8
      Z = 9
      READ (10,*) X, Y, Z
      PRINT *, X, Y, Z
      READ (10,*) S
      PRINT *, S
      end subroutine
