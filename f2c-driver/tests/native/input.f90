! Input of kinds that libf2c had to learn.
program t
  integer i, a(5), status
  real x, y(2,2)
  character(len=8) s
  character(len=20) line
  logical l
  complex z
  double precision d
  namelist /nml/ i, a, x, y, s, l, z, d
  i = 1
  a = 0
  y = 1
  open (9, status='scratch')
  write (9, '(a)') '! It isn''t a namelist yet'
  write (9, '(a)') ' &nml i=5, ! five! and ''quotes'''
  write (9, '(a)') '  A(2)=3*4 ! three'
  write (9, '(a)') '  x = 1.5E2,y(1,2) = 9! glued'
  write (9, '(a)') '  s = ''a!b''''!'', L=.T. ! T'
  write (9, '(a)') '  ! alone'
  write (9, '(a)') '  a(5) = -1'
  write (9, '(a)') '  z=(1,-2), d=1D-3 / ! the end'
  write (9, '(a)') ' &nml a = 1, 2,'
  write (9, '(a)') '  3, 4, 5 s = "it''s" /'
  rewind (9)
  read (9, nml)
  print *, i
  print *, a
  print *, x
  print *, y
  print *, s, '|'
  print *, l, d
  print *, z
  read (9, nml)
  print *, a
  print *, s
  close (9)
  open (13, status='scratch', access='direct', recl=10, form='formatted')
  write (13, '(a10)', rec=2) 'second'
  write (13, '(i10)', rec=1) 12345
  do i = 1, 2
    line = '....................'
    read (13, '(a)', rec=i, iostat=status) line
    print *, status, line, '|'
  end do
end program
