! What IOSTAT says: of FLUSH, of files that are not there, of internal records that are too short, of
! fields and items that are no numbers.
program statuses
  integer ios, i, k
  real x
  complex z
  logical l
  character*60 m
  character*10 s, a(2)
  character*16 f(12)
  character*8 t(9)
  data f /'(i4,t11,i1)', '(i4,t10,i1)', '(i4,t12,i1)', '(10x,i1)', '(11x,i1)', &
          '(i4,6x,i2)', '(i4,7x,i2)', '(t20,i4)', '(5x,i3)', '(i4,t20,i1)', '(i9,i3)', '(20x)'/
  data t /'-', '+', ' - ', '- 1', '-.', 'NaN', '-inf', '+Infinit', 'nano'/

  open (10, file='statuses.txt')
  write (10, *) 3
  ios = 9
  flush (10, iostat=ios)
  print *, ios
  flush (unit=10, err=20)
  flush 10
  rewind (10)
  read (10, *) i
  print *, i
  flush (77, err=20, iostat=ios)
  print *, 'goes on'
20 print *, ios
  flush (77, iomsg=m, iostat=ios)
  print *, trim(m), ios
  backspace (55, iostat=ios)
  print *, ios
  close (10, status='delete')

  open (20, file='no such file', status='old', iostat=ios, iomsg=m)
  print *, ios, trim(m)
  open (20, file='no such folder/x', iostat=ios, iomsg=m)
  print *, ios, trim(m)

  do k = 1, 12
    s = 'xxxxxxxxxx'
    write (s, f(k), iostat=ios) 4
    print *, f(k), ios
    if (ios == -2) then
      a = 'yyyyyyyyyy'
      write (a, f(k), iostat=ios) 4, 5
      print *, ios, '[', a, ']'
    end if
  end do

  do k = 1, 9
    i = -7
    x = -7
    read (t(k), '(i8)', iostat=ios) i
    print *, t(k), ios, i
    read (t(k), '(f8.2)', iostat=ios) x
    print *, t(k), ios
    if (ios == 0) print *, x
  end do

  x = 0
  print '(es5.1,es6.1,es7.1,e6.1,en6.1,en7.1,es8.2)', x, x, x, x, x, x, x
  print '(es6.1,es7.2,en7.1,es9.2,e7.1)', -x, -x, -x, -x, -x

  write (s, '(i4,(6x))', iostat=ios) 4, 5
  print *, ios
  s = '1 2'
  read (s, '(i1,(1x))', iostat=ios) i, k
  print *, ios

  s = '2*3'
  read (s, *, iostat=ios) z
  print *, ios
  s = '2* '
  read (s, *, iostat=ios) z
  print *, ios
  s = '.'
  read (s, *, iostat=ios) l
  print *, ios
  s = '.t,.f.'
  read (s, *, iostat=ios) l
  print *, ios, l
end program
